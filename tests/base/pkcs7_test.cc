// SPDX-License-Identifier: Apache-2.0
#include "base/pkcs7.h"

#include <gtest/gtest.h>

#include "support/random.h"

namespace sealring {
namespace {

// With branches, as RFC 5652 describes it.
std::size_t plain_unpadded_size(Bytes padded, std::size_t block) {
  const std::size_t count = padded.back();
  if (count == 0 || count > block) return padded.size();
  for (const std::uint8_t byte : padded.last(count)) {
    if (byte != count) return padded.size();
  }
  return padded.size() - count;
}

class Pkcs7 : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Pkcs7, RemovesWhatItAdded) {
  const std::size_t block = GetParam();
  for (std::size_t size = 0; size <= 3 * block; ++size) {
    const std::size_t padded_size = pkcs7::padded_size(size, block);
    EXPECT_EQ(padded_size, (size / block + 1) * block);

    std::vector<std::uint8_t> padded(padded_size, 0xee);
    pkcs7::pad(padded, size);
    for (std::size_t i = 0; i < padded_size; ++i) {
      EXPECT_EQ(padded[i], i < size ? 0xee : padded_size - size) << size << ' ' << i;
    }
    EXPECT_EQ(pkcs7::unpadded_size(padded, block), size);
  }
}

TEST_P(Pkcs7, JudgesEveryLastByte) {
  const std::size_t block = GetParam();
  for (std::size_t blocks = 1; blocks <= 3; ++blocks) {
    for (std::size_t others = 0; others < 256; ++others) {
      std::vector<std::uint8_t> padded(blocks * block, static_cast<std::uint8_t>(others));
      for (std::size_t last = 0; last < 256; ++last) {
        padded.back() = static_cast<std::uint8_t>(last);
        EXPECT_EQ(pkcs7::unpadded_size(padded, block), plain_unpadded_size(padded, block))
            << others << ' ' << last;
      }
    }
  }
}

TEST_P(Pkcs7, SeesEveryWrongByte) {
  const std::size_t block = GetParam();
  std::vector<std::uint8_t> padded(2 * block, 0xee);
  for (std::size_t size = block; size < padded.size(); ++size) {
    std::fill(padded.begin(), padded.end(), std::uint8_t{0xee});
    pkcs7::pad(padded, size);
    for (std::size_t place = 0; place < padded.size(); ++place) {
      const std::uint8_t right = padded[place];
      for (const int wrong : {0x00, 0x01, 0x80, 0xff, right ^ 1, right ^ 0x80}) {
        padded[place] = static_cast<std::uint8_t>(wrong);
        EXPECT_EQ(pkcs7::unpadded_size(padded, block), plain_unpadded_size(padded, block))
            << size << ' ' << place << ' ' << wrong;
      }
      padded[place] = right;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Blocks, Pkcs7, ::testing::Values(8, 16, 255));

TEST(Pkcs7Random, AgreesWithThePlainWayOnRandomBlocks) {
  Randomness random;
  for (int i = 0; i < 100'000; ++i) {
    // Few different values, so that some paddings are valid.
    std::array<std::uint8_t, 16> padded;
    for (std::uint8_t& byte : padded) byte = static_cast<std::uint8_t>(random.below(4));
    ASSERT_EQ(pkcs7::unpadded_size(padded, 16), plain_unpadded_size(padded, 16));
  }
}

}  // namespace
}  // namespace sealring
