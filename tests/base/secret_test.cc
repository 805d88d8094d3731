// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/random.h"

namespace sealring {
namespace {

TEST(EqualInConstantTime, TellsEveryBit) {
  for (const std::size_t size : {1U, 2U, 15U, 16U, 17U, 64U}) {
    const auto bytes = Randomness().bytes(size);
    EXPECT_TRUE(equal_in_constant_time(bytes, std::vector(bytes)));
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      auto other = bytes;
      other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1U << bit % 8);
      EXPECT_FALSE(equal_in_constant_time(bytes, other)) << bit;
    }
  }
}

// Two differences must not cancel each other out, as they would in a sum.
TEST(EqualInConstantTime, TellsTwoDifferences) {
  EXPECT_FALSE(equal_in_constant_time(as_bytes("ab"), as_bytes("ba")));
  EXPECT_FALSE(equal_in_constant_time(as_bytes("\x01\x01"), as_bytes("\x02\x02")));
}

TEST(EqualInConstantTime, TellsSizes) {
  const auto bytes = Randomness().bytes(40);
  for (std::size_t a = 0; a <= bytes.size(); ++a) {
    for (std::size_t b = 0; b <= bytes.size(); ++b) {
      EXPECT_EQ(equal_in_constant_time(Bytes(bytes).first(a), Bytes(bytes).first(b)), a == b);
    }
  }
}

TEST(Wipe, LeavesZerosAndNothingElse) {
  std::vector<std::uint8_t> bytes(10, 0xee);
  wipe(MutableBytes(bytes).subspan(2, 5));
  EXPECT_EQ(bytes, (std::vector<std::uint8_t>{0xee, 0xee, 0, 0, 0, 0, 0, 0xee, 0xee, 0xee}));
  wipe({});
}

TEST(SecretArray, BeginsWithZeros) {
  const SecretArray<32> secret;
  EXPECT_TRUE(std::ranges::all_of(secret.span(), [](std::uint8_t byte) { return byte == 0; }));
}

TEST(SecretArray, IsWipedWhenItGoes) {
  alignas(SecretArray<32>) std::array<std::uint8_t, sizeof(SecretArray<32>)> place;
  auto* const secret = new (place.data()) SecretArray<32>;
  std::ranges::fill(secret->span(), std::uint8_t{0xee});
  EXPECT_EQ(place.front(), 0xee);
  secret->~SecretArray();
  EXPECT_TRUE(std::ranges::all_of(place, [](std::uint8_t byte) { return byte == 0; }));
}

}  // namespace
}  // namespace sealring
