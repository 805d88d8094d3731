// SPDX-License-Identifier: Apache-2.0
#include "base/base64url.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>

#include "support/hex.h"
#include "support/plain_base64url.h"
#include "support/random.h"

namespace sealring {
namespace {

std::optional<std::vector<std::uint8_t>> decode(std::string_view text) {
  std::vector<std::uint8_t> bytes(base64url::decoded_size(text.size()));
  const auto size = base64url::decode(text, bytes);
  if (!size) {
    EXPECT_EQ(size.error(), Error::malformed);
    return std::nullopt;
  }
  EXPECT_EQ(*size, bytes.size());
  return bytes;
}

TEST(Base64url, GivesTheTextsOfRfc4648) {
  constexpr std::string_view kTexts[][2] = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : kTexts) {
    EXPECT_EQ(base64url::encode(as_bytes(plain)), text);
    const auto bytes = decode(text);
    ASSERT_TRUE(bytes) << text;
    EXPECT_EQ(as_text(*bytes), plain);
  }
}

TEST(Base64url, UsesTheAlphabetForUrls) {
  EXPECT_EQ(base64url::encode(from_hex("fbefbeffffff")), "----____");
  EXPECT_EQ(decode("----____"), from_hex("fbefbeffffff"));
  EXPECT_FALSE(decode("++++////"));
}

TEST(Base64url, SizesFitEachOther) {
  for (std::size_t size = 0; size < 1000; ++size) {
    EXPECT_EQ(base64url::encoded_size(size), (size * 8 + 5) / 6);
    EXPECT_EQ(base64url::decoded_size(base64url::encoded_size(size)), size);
  }
  constexpr std::size_t kLarge = SIZE_MAX / 16 + 1;
  EXPECT_EQ(base64url::encoded_size(kLarge), (kLarge * 8 + 5) / 6);
  EXPECT_EQ(base64url::decoded_size(kLarge), kLarge / 4 * 3);
}

TEST(Base64url, EqualsThePlainWayForAllSizes) {
  Randomness random;
  for (std::size_t size = 0; size < 300; ++size) {
    const auto bytes = random.bytes(size);
    const std::string text = base64url::encode(bytes);
    EXPECT_EQ(text, plain::encode(bytes));
    EXPECT_EQ(decode(text), bytes);
  }
}

// Token formats rely on this: the bytes are built where the text will be.
TEST(Base64url, EncodesBytesFromTheTailOfTheText) {
  Randomness random;
  for (std::size_t size = 0; size < 300; ++size) {
    const auto bytes = random.bytes(size);
    std::string text(base64url::encoded_size(size) + 1, '!');
    const std::size_t start = text.size() - 1 - size;
    copy(bytes, MutableBytes(reinterpret_cast<std::uint8_t*>(text.data()) + start, size));
    const Bytes tail = as_bytes(text).subspan(start, size);
    EXPECT_EQ(base64url::encode(tail, text.data()), text.size() - 1);
    EXPECT_EQ(text, plain::encode(bytes) + "!");
  }
}

TEST(Base64url, RefusesEveryTextOfOneCharacter) {
  for (int c = 0; c < 256; ++c) EXPECT_FALSE(decode(std::string(1, static_cast<char>(c)))) << c;
}

// The value of each character, or nothing, computed without the code under test.
constexpr auto kPlainValues = [] {
  std::array<int, 256> values{};
  values.fill(-1);
  for (int i = 0; i < 64; ++i) {
    values[static_cast<std::uint8_t>(plain::kAlphabet[static_cast<std::size_t>(i)])] = i;
  }
  return values;
}();

TEST(Base64url, DecodesOfAllTextsOfTwoCharactersTheCanonicalOnes) {
  int accepted = 0, wrong = 0;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const char text[] = {static_cast<char>(a), static_cast<char>(b)};
      const int high = kPlainValues[static_cast<std::size_t>(a)];
      const int low = kPlainValues[static_cast<std::size_t>(b)];
      const bool canonical = high >= 0 && low >= 0 && low % 16 == 0;
      std::uint8_t byte = 0;
      const auto size = base64url::decode({text, 2}, {&byte, 1});
      accepted += size.has_value();
      wrong += size.has_value() != canonical;
      wrong += size && (*size != 1 || byte != (high << 2 | low >> 4));
    }
  }
  EXPECT_EQ(accepted, 256);
  EXPECT_EQ(wrong, 0);
}

TEST(Base64url, DecodesOfAllTextsOfThreeCharactersTheCanonicalOnes) {
  int accepted = 0, wrong = 0;
  for (int number = 0; number < 1 << 24; ++number) {
    const char text[] = {static_cast<char>(number >> 16), static_cast<char>(number >> 8),
                         static_cast<char>(number)};
    const int a = kPlainValues[static_cast<std::size_t>(number >> 16)];
    const int b = kPlainValues[static_cast<std::size_t>(number >> 8 & 255)];
    const int c = kPlainValues[static_cast<std::size_t>(number & 255)];
    const bool canonical = a >= 0 && b >= 0 && c >= 0 && c % 4 == 0;
    std::array<std::uint8_t, 2> bytes{};
    const auto size = base64url::decode({text, 3}, bytes);
    accepted += size.has_value();
    wrong += size.has_value() != canonical;
    wrong += size && (*size != 2 || (bytes[0] << 8 | bytes[1]) != (a << 10 | b << 4 | c >> 2));
  }
  EXPECT_EQ(accepted, 65536);
  EXPECT_EQ(wrong, 0);
}

class Base64urlPlaces : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Base64urlPlaces, TakesEachByteAtEachPlaceAsThePlainWayDoes) {
  const std::string valid = plain::encode(Randomness().bytes(GetParam()));
  for (std::size_t place = 0; place < valid.size(); ++place) {
    for (int c = 0; c < 256; ++c) {
      std::string text = valid;
      text[place] = static_cast<char>(c);
      EXPECT_EQ(decode(text), plain::decode(text)) << to_hex(as_bytes(text));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, Base64urlPlaces, ::testing::Values(3, 6, 7, 8, 9, 10, 11, 12));

TEST(Base64url, RefusesPaddingSpaceAndLineEnds) {
  for (const std::string_view text : {"Zg==", "Zg=", "Zm8=", "Zm9v=", "Zm9v====", " Zm9v", "Zm9v ",
                                      "Zm9v\n", "Zm9v\r\n", "Zm\n9v", "=", "====", "Zm9v.Zm9v"}) {
    EXPECT_FALSE(decode(text)) << text;
  }
  EXPECT_FALSE(decode(std::string_view("Zm9v\0", 5)));
  EXPECT_FALSE(decode(std::string_view("Zm9\0", 4)));
}

TEST(Base64url, RefusesALittleTooSmallABuffer) {
  for (std::size_t size = 1; size < 20; ++size) {
    const std::string text = base64url::encode(std::vector<std::uint8_t>(size));
    std::vector<std::uint8_t> bytes(size - 1);
    EXPECT_FALSE(base64url::decode(text, bytes));
  }
}

TEST(Base64url, WritesNothingBehindTheBytes) {
  std::array<std::uint8_t, 8> bytes;
  for (const auto& [text, size] :
       {std::pair{"Zm9vYmE", 5}, std::pair{"Zm9v", 3}, std::pair{"Zg", 1}}) {
    bytes.fill(0xaa);
    EXPECT_EQ(base64url::decode(text, bytes), static_cast<std::size_t>(size));
    for (std::size_t i = static_cast<std::size_t>(size); i < bytes.size(); ++i) {
      EXPECT_EQ(bytes[i], 0xaa) << text;
    }
  }
}

}  // namespace
}  // namespace sealring
