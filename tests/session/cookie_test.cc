// SPDX-License-Identifier: Apache-2.0
#include "session/cookie.h"

#include <gtest/gtest.h>

#include <string>

#include "session/cookie_header.h"
#include "support/random.h"
#include "support/vectors.h"

namespace sealring::session {
namespace {

using Line = std::array<char, kMaxCookieSize>;

std::vector<std::string> lines_of(const CookieWriter& writer) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < writer.count(); ++i) {
    Line line;
    lines.emplace_back(line.data(), writer.write(i, line));
  }
  return lines;
}

// Returns what is left of the header.
std::string read(Candidates& candidates, std::string_view header) {
  std::string rest(header.size(), '\0');
  rest.resize(candidates.read(header, rest.data()));
  return rest;
}

// As a browser sends them: "name=value" for each.
std::string header_of(const std::vector<std::string>& lines) {
  std::string header;
  for (const std::string& line : lines) header += line.substr(0, line.find(';')) + "; ";
  return header;
}

class WrittenCookieVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(WrittenCookieVectors, AreWritten) {
  const auto vector = read_vector(GetParam());
  const std::string name = vector.at("cookie"), attributes = vector.at("attributes");
  const std::string token = vector.at("token");
  const auto writer =
      CookieWriter::make({name, attributes, vector.at("parts")}, token, vector.at("max_age"));
  if (vector.at("expect") == "too_large") {
    ASSERT_FALSE(writer);
    EXPECT_EQ(writer.error(), Error::invalid_argument);
    return;
  }
  ASSERT_TRUE(writer);
  EXPECT_EQ(lines_of(*writer), vector.at("set_cookie").get<std::vector<std::string>>());
}

INSTANTIATE_TEST_SUITE_P(Spec, WrittenCookieVectors,
                         ::testing::ValuesIn(vector_names({"session_cookie_written_"})),
                         vector_test_name);

class ReadCookieVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(ReadCookieVectors, AreRead) {
  const auto vector = read_vector(GetParam());
  const std::string name = vector.at("cookie"), header = vector.at("header");
  Candidates candidates(name, vector.at("parts"));
  read(candidates, header);
  const auto& tokens = vector.at("tokens");
  ASSERT_EQ(candidates.count(), tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::vector<std::uint8_t> buffer(candidates.token_size(i));
    const auto token = candidates.token(i, buffer);
    if (tokens[i].is_null()) {
      EXPECT_FALSE(token) << i;
    } else {
      ASSERT_TRUE(token) << i;
      EXPECT_EQ(*token, tokens[i].get<std::string>());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Spec, ReadCookieVectors,
                         ::testing::ValuesIn(vector_names({"session_cookie_read_"})),
                         vector_test_name);

TEST(SessionCookies, ComeBackWhateverTheirSize) {
  Randomness random;
  const CookieSettings settings = {"__Host-session", "; Path=/; Secure; HttpOnly", kMaxParts};
  for (int round = 0; round < 500; ++round) {
    std::string token(random.below(40'000), 'x');
    for (char& c : token) c = static_cast<char>('a' + random.below(26));
    const auto writer = CookieWriter::make(settings, token, 1800);
    if (!writer) {
      EXPECT_GT(token.size(), kMaxParts * (kMaxCookieSize - 100));
      continue;
    }
    const auto lines = lines_of(*writer);
    for (const std::string& line : lines) ASSERT_LE(line.size(), kMaxCookieSize);
    const std::string header = header_of(lines);
    Candidates candidates(settings.name, kMaxParts);
    read(candidates, header);
    ASSERT_EQ(candidates.count(), 1U);
    std::vector<std::uint8_t> buffer(candidates.token_size(0));
    const auto read = candidates.token(0, buffer);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, token);
  }
}

TEST(SessionCookies, OfSeveralHeadersAreOneList) {
  Candidates candidates("session", 2);
  read(candidates, "session=a; session-1=b");
  read(candidates, "session=2~c");
  ASSERT_EQ(candidates.count(), 2U);
  std::vector<std::uint8_t> buffer(candidates.token_size(1));
  EXPECT_EQ(candidates.token(0, buffer), "a");
  EXPECT_EQ(candidates.token(1, buffer), "cb");
}

TEST(SessionCookies, AreDeletedByTheirNames) {
  const CookieSettings settings = {"session", "; Path=/app; Secure", 3};
  Line line;
  const auto deletion = [&](std::size_t index) {
    return std::string(line.data(), CookieWriter::write_deletion(settings, index, line));
  };
  EXPECT_EQ(deletion(0), "session=; Path=/app; Secure; Max-Age=0");
  EXPECT_EQ(deletion(2), "session-2=; Path=/app; Secure; Max-Age=0");
}

TEST(SessionCookies, ThatHaveNoRoomAreRefused) {
  const std::string attributes(kMaxCookieSize, ' ');
  EXPECT_FALSE(CookieWriter::make({"session", attributes, kMaxParts}, "token", 1));
}

std::string cut(std::string_view header) {
  Candidates candidates("session", 2);
  return read(candidates, header);
}

TEST(CutCookies, LeavesTheOtherBytesAsTheyAre) {
  EXPECT_EQ(cut("a=1; session=x; b=2"), "a=1; b=2");
  EXPECT_EQ(cut("session=x; a=1; b=2"), "a=1; b=2");
  EXPECT_EQ(cut("a=1; b=2; session=x"), "a=1; b=2");
  EXPECT_EQ(cut("a=1;session=x;b=2"), "a=1;b=2");
  EXPECT_EQ(cut("session=x"), "");
  EXPECT_EQ(cut(" session=x ; session-1=y;session-8=z "), "");
  EXPECT_EQ(cut("a=1; session=2~x; b=\"q; session-1=y; c"), "a=1; b=\"q; c");
  EXPECT_EQ(cut("a=1; session=x;"), "a=1");
}

TEST(CutCookies, LeavesAHeaderWithoutThemAlone) {
  for (const auto* header :
       {"", ";", "a=1;", "; ;a = 1;;", "Session=x", "session-9=1", "session-0=1", "session-=1",
        "session-12=1", "sessions=1", "=session=x", "session", "a=1, session=x"}) {
    EXPECT_EQ(cut(header), header);
  }
}

// These cookies are cut out, and nothing else.
TEST(CutCookies, CutsTheseAndNoOthers) {
  Randomness random;
  const std::vector<std::string> pieces = {"session=x", "session-1=y", "a=1", "b=2", " ",      "\t",
                                           ";",         "; ",          "=",   "c",   "session"};
  for (int round = 0; round < 20'000; ++round) {
    std::string header;
    for (std::size_t i = random.below(10); i > 0; --i)
      header += pieces[random.below(pieces.size())];
    std::vector<std::pair<std::string, std::string>> kept, left;
    for (CookieReader cookies(header); const auto cookie = cookies.next();) {
      if (!is_cookie_of("session", cookie->name)) kept.emplace_back(cookie->name, cookie->value);
    }
    const std::string rest = cut(header);
    for (CookieReader cookies(rest); const auto cookie = cookies.next();) {
      left.emplace_back(cookie->name, cookie->value);
    }
    EXPECT_EQ(left, kept) << '"' << header << "\" -> \"" << rest << '"';
  }
}

}  // namespace
}  // namespace sealring::session
