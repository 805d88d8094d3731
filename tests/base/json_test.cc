// SPDX-License-Identifier: Apache-2.0
// The JSON reader compared with RFC 8259 and, for random texts, with another reader.
#include "base/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "support/random.h"

namespace sealring::json {
namespace {

std::optional<std::vector<Member>> members_of(std::string_view text) {
  std::vector<Member> members;
  ObjectReader reader(text);
  while (const auto member = reader.next()) members.push_back(*member);
  if (!reader.complete()) return std::nullopt;
  return members;
}

bool is_taken(std::string_view text) {
  return members_of(text).has_value();
}

std::string unescaped(const Value& string) {
  std::string out(string.text.size(), '\0');
  out.resize(unescape(string, out.data()));
  return out;
}

TEST(Json, ReadsMembersInOrder) {
  const auto members =
      members_of(" {\"a\":1 ,\t\"b\" : \"x\\n\",\n\"c\":[1,{\"d\":null}],\r\"e\":{},\"f\":true} ");
  ASSERT_TRUE(members);
  ASSERT_EQ(members->size(), 5U);
  EXPECT_EQ((*members)[0].name.text, "a");
  EXPECT_EQ((*members)[0].value.kind, Kind::number);
  EXPECT_EQ((*members)[0].value.text, "1");
  EXPECT_EQ((*members)[1].value.kind, Kind::string);
  EXPECT_EQ((*members)[1].value.text, "x\\n");
  EXPECT_TRUE((*members)[1].value.escaped);
  EXPECT_EQ((*members)[2].value.kind, Kind::array);
  EXPECT_EQ((*members)[2].value.text, "[1,{\"d\":null}]");
  EXPECT_EQ((*members)[3].value.kind, Kind::object);
  EXPECT_EQ((*members)[4].value.kind, Kind::literal);
}

TEST(Json, TakesObjectsOnly) {
  for (const auto good : {"{}", " { } ", "{\"\":\"\"}", "{\"a\":{\"b\":[[],{}]}}"}) {
    EXPECT_TRUE(is_taken(good)) << good;
  }
  for (const auto bad : {"",
                         " ",
                         "[]",
                         "1",
                         "\"a\"",
                         "null",
                         "{",
                         "}",
                         "{}{}",
                         "{},",
                         "{\"a\"}",
                         "{\"a\":}",
                         "{\"a\":1,}",
                         "{,\"a\":1}",
                         "{\"a\":1 \"b\":2}",
                         "{a:1}",
                         "{'a':1}",
                         "{\"a\":1",
                         "{\"a\":[1,]}",
                         "{\"a\":[1 2]}",
                         "{\"a\":[}",
                         "{\"a\":{]}",
                         "{\"a\":tru}",
                         "{\"a\":True}",
                         "{\"a\":nul",
                         "{1:2}",
                         "{\"a\"\"b\"}",
                         "{\"a\":1}//",
                         "\xef\xbb\xbf{}",
                         "{\"a\":\"}"}) {
    EXPECT_FALSE(is_taken(bad)) << bad;
  }
  EXPECT_FALSE(is_taken(std::string_view("{}\0", 3)));
}

TEST(Json, Numbers) {
  for (const std::string number : {"0", "-0", "10", "1.5", "-1.25e10", "1E+2", "0e0", "1e-7"}) {
    EXPECT_TRUE(is_taken("{\"a\":" + number + "}")) << number;
  }
  for (const std::string number : {"", "-", "01", "+1", ".5", "1.", "1.e1", "1e", "1e+", "0x1",
                                   "1 2", "NaN", "Infinity", "--1", "1-", "1..2", "1e1.5"}) {
    EXPECT_FALSE(is_taken("{\"a\":" + number + "}")) << number;
  }
}

TEST(Json, RefusesDuplicates) {
  EXPECT_FALSE(is_taken(R"({"a":1,"a":1})"));
  EXPECT_FALSE(is_taken(R"({"a":1,"b":1,"\u0061":1})"));
  EXPECT_FALSE(is_taken(R"({"\u00E9":1,"é":1})"));
  EXPECT_FALSE(is_taken(R"({"\uD83D\uDD11":1,"🔑":1})"));
  EXPECT_FALSE(is_taken(R"({"a\/b":1,"a/b":1})"));
  EXPECT_TRUE(is_taken(R"({"a":1,"A":1,"aa":1,"":1,"\\u0061":1})"));
  EXPECT_TRUE(is_taken(R"({"a":{"b":1,"b":1}})")) << "of nested objects only the syntax is checked";
}

TEST(Json, BoundsDepthAndMembers) {
  const auto nested = [](std::size_t arrays) {
    return "{\"a\":" + std::string(arrays, '[') + std::string(arrays, ']') + "}";
  };
  EXPECT_TRUE(is_taken(nested(kMaxDepth - 1)));
  EXPECT_FALSE(is_taken(nested(kMaxDepth)));
  EXPECT_FALSE(is_taken("{\"a\":" + std::string(1'000'000, '[')));

  std::string many = "{\"0\":0";
  for (std::size_t i = 1; i < kMaxMembers; ++i) many += ",\"" + std::to_string(i) + "\":0";
  EXPECT_TRUE(is_taken(many + "}"));
  EXPECT_FALSE(is_taken(many + ",\"x\":0}"));
}

TEST(Json, Strings) {
  const auto value = [](const std::string& content) -> std::optional<std::string> {
    const std::string text = "{\"a\":\"" + content + "\"}";
    const auto members = members_of(text);
    if (!members) return std::nullopt;
    return unescaped(members->front().value);
  };
  EXPECT_EQ(value(R"(\"\\\/\b\f\n\r\t)"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(value(R"(\u0041\u00e9\u20AC\ud83d\udd11)"), "Aé€🔑");
  EXPECT_EQ(value(R"(x\u0000y)"), std::string("x\0y", 3));
  EXPECT_EQ(value("é€🔑\x7f"), "é€🔑\x7f");
  for (const std::string bad :
       {R"(\)", R"(\x41)", R"(\u)", R"(\u004)", R"(\u00g1)", R"(\U0041)", R"(\ud800)", R"(\udc00)",
        R"(\ud83d\ud83d)", R"(\ud83dx)", R"(\ud83d\u0041)", R"(\ud83d\n)", R"(\ud83d\udd1)"}) {
    EXPECT_FALSE(value(bad)) << bad;
  }
  for (char c = 0; c < ' '; ++c) EXPECT_FALSE(value(std::string(1, c))) << int{c};
  for (const std::string bad : {"\x80", "\xc0\xaf", "\xed\xa0\x80", "\xff"})
    EXPECT_FALSE(value(bad));
}

TEST(Json, Says) {
  const auto says_so = [](std::string_view content, std::string_view text) {
    const std::string object = "{\"" + std::string(content) + "\":1}";
    return says(members_of(object).value().front().name, text);
  };
  EXPECT_TRUE(says_so("aud", "aud"));
  EXPECT_TRUE(says_so(R"(\u0061ud)", "aud"));
  EXPECT_TRUE(says_so(R"(a\/\u00fc)", "a/ü"));
  EXPECT_TRUE(says_so("", ""));
  EXPECT_FALSE(says_so(R"(\u0061ud)", "audx"));
  EXPECT_FALSE(says_so(R"(\u0061udx)", "aud"));
  EXPECT_FALSE(says_so(R"(a\/b)", R"(a\/b)"));
  EXPECT_FALSE(says_so(R"(\u00fc)", "\xc3"));
}

TEST(Json, ElementsOfAnArray) {
  const std::string text = R"({"a":[ 1,"b" ,[2,3],{} ],"e":[ ]})";
  const auto members = members_of(text).value();
  std::vector<std::string> found;
  ArrayReader elements(members[0].value);
  while (const auto element = elements.next()) found.emplace_back(element->text);
  EXPECT_EQ(found, (std::vector<std::string>{"1", "b", "[2,3]", "{}"}));
  EXPECT_FALSE(ArrayReader(members[1].value).next());
}

TEST(Json, EscapesThereAndBack) {
  Randomness random;
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::size_t n = random.below(20); n > 0; --n) {
      char bytes[4];
      const std::size_t bound = std::size_t{1} << (7 + random.below(14));
      char32_t point = static_cast<char32_t>(random.below(std::min<std::size_t>(bound, 0x110000)));
      if (point < 0x20) point = U"\b\f\n\r\t"[point % 5];
      if (point >= 0xd800 && point < 0xe000) point = '"';
      text.append(bytes, utf8::encode(point, bytes));
    }
    const auto size = escaped_size(text);
    ASSERT_TRUE(size);
    ASSERT_LE(*size, 2 * text.size());
    std::string object(*size, 'x');
    ASSERT_EQ(escape(text, object.data()), object.data() + *size);
    object = "{\"a\":\"" + object + "\"}";
    EXPECT_EQ(unescaped(members_of(object).value().front().value), text);
    EXPECT_EQ(nlohmann::json::parse(object).at("a"), text);
  }
}

TEST(Json, WhatIsNoTextIsNotEscaped) {
  for (int c = 0; c < 0x20; ++c) {
    const bool short_escape = c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t';
    EXPECT_EQ(escaped_size(std::string(1, static_cast<char>(c))).has_value(), short_escape) << c;
  }
  for (const auto bad : {"\xff", "\xc3", "\xed\xa0\x80", "ok\xe2\x82"})
    EXPECT_FALSE(escaped_size(bad));
  EXPECT_EQ(escaped_size("a\"\\\n\x7fé"), 10U);
}

// Whatever this reader accepts, the other one accepts too, and both find the same strings.
TEST(Json, AgreesWithAnotherReader) {
  constexpr std::string_view kPieces[] = {
      "{",           "}",     "[",        "]",           ":",
      ",",           "\"a\"", "\"b\"",    "\"\\u0061\"", "\"\\ud83d\\udd11\"",
      "\"\\ud83d\"", "\"x",   "\"",       "1",           "-0",
      "0.5",         "1e5",   "01",       "true",        "null",
      " ",           "\n",    "\xc3\xa9", "\\n"};
  Randomness random;
  std::size_t taken = 0, refused_by_both = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text = "{";
    for (std::size_t n = random.below(8); n > 0; --n)
      text += kPieces[random.below(std::size(kPieces))];
    if (random.below(4) != 0) text += "}";
    const auto other = nlohmann::json::parse(text, nullptr, false);
    const auto members = members_of(text);
    if (!members) {
      refused_by_both += other.is_discarded();
      continue;
    }
    ++taken;
    ASSERT_TRUE(other.is_object()) << text;
    ASSERT_EQ(other.size(), members->size()) << text;
    for (const Member& member : *members) {
      ASSERT_TRUE(other.contains(unescaped(member.name))) << text;
      if (member.value.kind != Kind::string) continue;
      ASSERT_EQ(other.at(unescaped(member.name)), unescaped(member.value)) << text;
    }
  }
  EXPECT_GT(taken, 200U);
  EXPECT_GT(refused_by_both, 20'000U);
}

// Strings are read in blocks of 32 and of eight bytes, and the rest one by one.
TEST(Json, SeesEachByteAtEachPlace) {
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
  for (const std::size_t size : {1U, 2U, 7U, 8U, 9U, 15U, 16U, 17U, 20U, 31U, 32U, 33U, 75U}) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'a');
        text[place] = static_cast<char>(byte);
        const std::size_t at = kShort.find(text[place]);
        const bool escapes = at != std::string_view::npos;
        const bool plain = byte >= 0x20 && byte < 0x80 && !escapes;
        EXPECT_EQ(is_taken("{\"k\":\"" + text + "\"}"), plain) << byte << " at " << place;
        ASSERT_EQ(escaped_size(text), plain     ? std::optional(size)
                                      : escapes ? std::optional(size + 1)
                                                : std::nullopt);
        if (!plain && !escapes) continue;
        std::string out(size + escapes, '\0');
        EXPECT_EQ(escape(text, out.data()), out.data() + out.size());
        if (escapes) text.replace(place, 1, {'\\', kLetters[at]});
        EXPECT_EQ(out, text);
      }
    }
  }
}

}  // namespace
}  // namespace sealring::json
