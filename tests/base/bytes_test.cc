// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace sealring {
namespace {

template <std::size_t N>
void expect_round_trips() {
  constexpr std::uint64_t kValue = 0x0123456789abcdef;
  constexpr std::uint64_t kMask = N == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << N * 8) - 1;
  std::array<std::uint8_t, N + 2> bytes;
  bytes.fill(0xee);
  const auto middle = std::span(bytes).template subspan<1, N>();
  store_big_endian(kValue, middle);
  EXPECT_EQ(bytes.front(), 0xee);
  EXPECT_EQ(bytes.back(), 0xee);
  for (std::size_t i = 0; i < N; ++i) EXPECT_EQ(middle[N - 1 - i], kValue >> i * 8 & 0xff);
  EXPECT_EQ(load_big_endian(std::span<const std::uint8_t, N>(middle)), kValue & kMask);

  store_big_endian(~std::uint64_t{0}, middle);
  EXPECT_EQ(load_big_endian(std::span<const std::uint8_t, N>(middle)), kMask);
}

TEST(BigEndian, StoresTheLowBytesAndLoadsThemAgain) {
  expect_round_trips<1>();
  expect_round_trips<2>();
  expect_round_trips<3>();
  expect_round_trips<4>();
  expect_round_trips<5>();
  expect_round_trips<6>();
  expect_round_trips<7>();
  expect_round_trips<8>();
}

TEST(BigEndian, PutsTheHighByteFirst) {
  constexpr std::array<std::uint8_t, 5> kBytes = {0x00, 0x6b, 0x49, 0xd2, 0x00};
  EXPECT_EQ(load_big_endian(std::span(kBytes)), 1'800'000'000U);
}

TEST(Bytes, ViewsOfTextGoBothWays) {
  constexpr std::string_view kText("a\0\xff", 3);
  const Bytes bytes = as_bytes(kText);
  ASSERT_EQ(bytes.size(), 3U);
  EXPECT_EQ(bytes[2], 0xff);
  EXPECT_EQ(as_text(bytes), kText);
  EXPECT_EQ(as_text({}), "");
}

TEST(Bytes, CopiesAndTakesEmptyViewsThatPointNowhere) {
  std::array<std::uint8_t, 3> to = {1, 2, 3};
  copy({}, to);
  copy({}, {});
  EXPECT_EQ(to, (std::array<std::uint8_t, 3>{1, 2, 3}));
  copy(as_bytes("ab"), to);
  EXPECT_EQ(to, (std::array<std::uint8_t, 3>{'a', 'b', 3}));
}

}  // namespace
}  // namespace sealring
