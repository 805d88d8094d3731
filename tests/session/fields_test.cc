// SPDX-License-Identifier: Apache-2.0
#include "session/fields.h"

#include <gtest/gtest.h>

#include <string>

#include "support/random.h"
#include "support/vectors.h"

namespace sealring::session {
namespace {

MutableBytes writable(std::string& text) {
  return {reinterpret_cast<std::uint8_t*>(text.data()), text.size()};
}

std::string written(const Fields& fields) {
  std::string text(fields.text_size(), '\0');
  EXPECT_EQ(fields.write(text.data()), text.size());
  return text;
}

class SessionFieldVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(SessionFieldVectors, AreReadAndWritten) {
  const auto vector = read_vector(GetParam());
  std::string text = from_hex_text(vector.at("text_hex").get<std::string>());
  Fields fields;
  const auto parsed = fields.parse(writable(text));
  if (vector.at("expect") == "malformed") {
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error(), Error::malformed);
    EXPECT_TRUE(fields.all().empty());
    return;
  }
  ASSERT_EQ(vector.at("expect"), "ok");
  ASSERT_TRUE(parsed);
  const auto& expected = vector.at("fields");
  ASSERT_EQ(fields.all().size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(fields.all()[i].name, from_hex_text(expected[i].at("name_hex").get<std::string>()));
    EXPECT_EQ(fields.all()[i].value, from_hex_text(expected[i].at("value_hex").get<std::string>()));
  }
  EXPECT_EQ(written(fields), vector.at("written").get<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Spec, SessionFieldVectors,
                         ::testing::ValuesIn(vector_names({"session_fields_"})), vector_test_name);

TEST(SessionFields, ATextHasABound) {
  std::string text = "a=" + std::string(kMaxTextSize - 2, 'x');
  Fields fields;
  ASSERT_TRUE(fields.parse(writable(text)));
  EXPECT_EQ(fields.value("a").size(), kMaxTextSize - 2);
  text += 'x';
  EXPECT_FALSE(fields.parse(writable(text)));
}

TEST(SessionFields, AreFoundInAnyCase) {
  std::string text = "User=alice&Members-User=bob";
  Fields fields;
  ASSERT_TRUE(fields.parse(writable(text)));
  EXPECT_EQ(fields.value("user"), "alice");
  EXPECT_EQ(fields.value("MEMBERS-USER"), "bob");
  EXPECT_EQ(fields.value("use"), "");
  EXPECT_EQ(fields.value(""), "");
}

TEST(SessionFields, AreSet) {
  Fields fields;
  ASSERT_TRUE(fields.set("user", "alice"));
  ASSERT_TRUE(fields.set("role", "a&b"));
  ASSERT_TRUE(fields.set("USER", "bob"));
  EXPECT_EQ(written(fields), "user=bob&role=a%26b");
  ASSERT_TRUE(fields.set("User", ""));
  EXPECT_EQ(written(fields), "role=a%26b");
  ASSERT_TRUE(fields.set("none", ""));
  EXPECT_FALSE(fields.set("", "x"));
  EXPECT_EQ(written(fields), "role=a%26b");
}

TEST(SessionFields, AreNoMoreThanTheirBound) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i <= kMaxFields; ++i) names.push_back("f" + std::to_string(i));
  Fields fields;
  for (std::size_t i = 0; i < kMaxFields; ++i) ASSERT_TRUE(fields.set(names[i], "v"));
  EXPECT_FALSE(fields.set(names[kMaxFields], "v"));
  EXPECT_TRUE(fields.set(names[0], "w"));
  EXPECT_EQ(fields.all().size(), kMaxFields);
}

TEST(SessionFields, OfTheseNamesAreReserved) {
  for (const auto* name : {"sid", "auth_time", "expiry", "bound", "prior", "SID", "Auth_Time"}) {
    EXPECT_TRUE(is_reserved(name)) << name;
  }
  for (const auto* name : {"", "si", "sids", "user", "auth-time"}) {
    EXPECT_FALSE(is_reserved(name)) << name;
  }
}

TEST(SessionFields, ComeBackWhateverTheyHold) {
  Randomness random;
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::string> texts;
    for (std::size_t i = random.below(2 * kMaxFields); i > 0; --i) {
      std::string text;
      for (std::size_t size = 1 + random.below(12); size > 0; --size) {
        text += static_cast<char>(1 + random.below(255));
      }
      texts.push_back(text);
    }
    Fields fields;
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
      ASSERT_TRUE(fields.set(texts[i], texts[i + 1]));
    }
    std::string text = written(fields);
    Fields again;
    ASSERT_TRUE(again.parse(writable(text)));
    ASSERT_EQ(again.all().size(), fields.all().size());
    for (std::size_t i = 0; i < fields.all().size(); ++i) {
      EXPECT_EQ(again.all()[i].name, fields.all()[i].name);
      EXPECT_EQ(again.all()[i].value, fields.all()[i].value);
    }
  }
}

}  // namespace
}  // namespace sealring::session
