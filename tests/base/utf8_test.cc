// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace sealring::utf8 {
namespace {

TEST(Utf8, EveryCharacterThereAndBack) {
  for (char32_t point = 0; point <= 0x10ffff; ++point) {
    if (point == 0xd800) point = 0xe000;  // surrogates are not characters
    char bytes[4];
    const std::size_t size = encode(point, bytes);
    const Character read = first_character({bytes, size});
    ASSERT_EQ(read.point, point);
    ASSERT_EQ(read.size, size);
    for (std::size_t cut = 1; cut < size; ++cut) {
      ASSERT_EQ(first_character({bytes, cut}).size, 0U) << "cut off after " << cut;
    }
  }
}

TEST(Utf8, RefusesWhatNoCharacterIs) {
  for (const std::string_view bad :
       {"\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
        "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff", "\xc3(",
        "\xe2\x82("}) {
    EXPECT_EQ(first_character(bad).size, 0U);
    EXPECT_FALSE(is_valid("before " + std::string(bad)));
  }
}

TEST(Utf8, TakesTheFirstOfMany) {
  EXPECT_EQ(first_character("ab").size, 1U);
  EXPECT_EQ(first_character("\xe2\x82\xac and more").point, 0x20acU);
  EXPECT_TRUE(is_valid(""));
  EXPECT_TRUE(is_valid("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91"));
}

}  // namespace
}  // namespace sealring::utf8
