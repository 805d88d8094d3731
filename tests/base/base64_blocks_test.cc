// SPDX-License-Identifier: Apache-2.0
// Coding in blocks gives the same result as coding without them, for both alphabets.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/base64_codec.h"
#include "support/hex.h"
#include "support/random.h"

namespace sealring {
namespace {

template <char kCharacter62, char kCharacter63>
struct Both {
  using Codec = Base64Codec<kCharacter62, kCharacter63>;
  // The same without blocks, for texts of possible sizes.
  struct Plain : Base64Plain<Base64Alphabet<kCharacter62, kCharacter63>> {
    static Result<std::size_t> decode(std::string_view text, MutableBytes bytes) {
      const bool valid = Plain::Base64Plain::decode(text, bytes.data());
      return valid ? Result<std::size_t>(bytes.size()) : std::unexpected(Error::malformed);
    }
  };
};

constexpr std::size_t encoded_size(std::size_t size) {
  return size / 3 * 4 + (size % 3 * 8 + 5) / 6;
}

template <class Coder>
std::string encode(Bytes bytes) {
  std::string text(encoded_size(bytes.size()), '!');
  EXPECT_EQ(Coder::encode(bytes, text.data()), text.size());
  return text;
}

// The buffer is allocated with its exact size, so that AddressSanitizer sees an access beyond it.
// An empty result: refused.
template <class Coder>
std::vector<std::uint8_t> decode(std::string_view text) {
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3 + text.size() % 4 * 6 / 8);
  const auto size = Coder::decode(text, bytes);
  if (!size) return {};
  EXPECT_EQ(*size, bytes.size());
  return bytes;
}

template <class Ways>
struct Base64Blocks : ::testing::Test {
  using Codec = typename Ways::Codec;
  using Plain = typename Ways::Plain;
};
using Alphabets = ::testing::Types<Both<'-', '_'>, Both<'+', '/'>>;
TYPED_TEST_SUITE(Base64Blocks, Alphabets);

TYPED_TEST(Base64Blocks, GiveTheSameForAllSizes) {
  Randomness random;
  for (std::size_t size = 0; size < 500; ++size) {
    const auto bytes = random.bytes(size);
    const auto text = encode<typename TestFixture::Plain>(bytes);
    ASSERT_EQ(encode<typename TestFixture::Codec>(bytes), text);
    ASSERT_EQ(decode<typename TestFixture::Codec>(text), bytes);
  }
}

TYPED_TEST(Base64Blocks, GiveTheSameForAllGroupsOfThreeBytes) {
  constexpr std::uint32_t kGroups = 8;  // in a block
  std::vector<std::uint8_t> bytes(2 * 3 * kGroups), decoded(bytes.size());
  std::string text(2 * 4 * kGroups, '!'), plain = text;
  std::size_t wrong = 0;
  for (std::uint32_t first = 0; first < 1U << 24; first += kGroups) {
    for (std::uint32_t i = 0; i < kGroups; ++i) {
      const std::uint32_t place = (i + first / kGroups) % kGroups;
      const std::span<std::uint8_t, 3> group(bytes.data() + 3 * place, 3);
      store_big_endian(first + i, group);
    }
    std::copy_n(bytes.data(), 3 * kGroups, bytes.data() + 3 * kGroups);
    TestFixture::Codec::encode(bytes, text.data());
    TestFixture::Plain::encode(bytes, plain.data());
    wrong += text != plain;
    wrong += !TestFixture::Codec::decode(text, decoded) || decoded != bytes;
  }
  EXPECT_EQ(wrong, 0U);
}

TYPED_TEST(Base64Blocks, TakeEachByteAtEachPlaceAsThePlainWayDoes) {
  // Texts shorter than a block, and of two or more blocks and the groups that follow them; with and
  // without an incomplete group.
  for (const std::size_t size :
       {10U, 11U, 12U, 13U, 14U, 16U, 18U, 22U, 23U, 24U, 107U, 108U, 109U}) {
    const auto valid = encode<typename TestFixture::Plain>(Randomness().bytes(size));
    std::size_t taken = 0;
    for (std::size_t place = 0; place < valid.size(); ++place) {
      for (int c = 0; c < 256; ++c) {
        std::string text = valid;
        text[place] = static_cast<char>(c);
        const auto bytes = decode<typename TestFixture::Codec>(text);
        ASSERT_EQ(bytes, decode<typename TestFixture::Plain>(text)) << to_hex(as_bytes(text));
        taken += !bytes.empty();
      }
    }
    // The last character of an incomplete group has 4 or 2 unused bits, so 16 or 4 characters have
    // the same value.
    constexpr std::size_t kLastTaken[] = {64, 4, 16};
    EXPECT_EQ(taken, (valid.size() - 1) * 64 + kLastTaken[size % 3]);
  }
}

TYPED_TEST(Base64Blocks, MayBeEncodedFromTheTailOfTheText) {
  Randomness random;
  for (std::size_t size = 0; size < 500; ++size) {
    const auto bytes = random.bytes(size);
    std::vector<std::uint8_t> text(encoded_size(size));
    const MutableBytes tail = MutableBytes(text).last(size);
    copy(bytes, tail);
    TestFixture::Codec::encode(tail, reinterpret_cast<char*>(text.data()));
    ASSERT_EQ(as_text(text), encode<typename TestFixture::Plain>(bytes));
  }
}

TYPED_TEST(Base64Blocks, WriteNothingBehindTheBytes) {
  for (std::size_t size = 0; size < 200; ++size) {
    const auto text = encode<typename TestFixture::Plain>(std::vector<std::uint8_t>(size));
    std::vector<std::uint8_t> bytes(size + 64, 0xaa);
    ASSERT_EQ(TestFixture::Codec::decode(text, bytes), size);
    ASSERT_EQ(std::vector(bytes.begin() + static_cast<long>(size), bytes.end()),
              std::vector<std::uint8_t>(64, 0xaa));
    if (size > 0) {
      ASSERT_FALSE(TestFixture::Codec::decode(text, MutableBytes(bytes).first(size - 1)));
    }
  }
}

}  // namespace
}  // namespace sealring
