// SPDX-License-Identifier: Apache-2.0
// The cases of spec/vectors about sealed cookies.
#include <gtest/gtest.h>

#include "cookies/cookie_date.h"
#include "cookies/sealed_cookie.h"
#include "cookies/vector_policy.h"
#include "session/cookie.h"

namespace sealring::cookies {
namespace {

class CookieDateVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(CookieDateVectors, AreRead) {
  const auto vector = read_vector(GetParam());
  const auto time = parse_cookie_date(vector.at("text").get<std::string>());
  ASSERT_EQ(time.has_value(), !vector.at("time").is_null());
  if (time) {
    EXPECT_EQ(*time, vector.at("time"));
  }
}

INSTANTIATE_TEST_SUITE_P(Spec, CookieDateVectors,
                         ::testing::ValuesIn(vector_names({"upstream_cookies_date_"})),
                         vector_test_name);

constexpr const char* kFates[] = {"passed", "reported", "deletion", "sealed", "too_large"};

// A line without its token, which takes the place of a `*`, and what is there.
std::pair<std::string, std::string> without_token(std::string_view line, std::string_view like) {
  const std::size_t star = like.find('*');
  const std::string_view start = like.substr(0, star), end = like.substr(star + 1);
  if (line.size() < start.size() + end.size()) return {std::string(line), ""};
  const std::size_t size = line.size() - start.size() - end.size();
  std::string rest(line.substr(0, start.size()));
  rest += '*';
  rest += line.substr(start.size() + size);
  return {rest, std::string(line.substr(start.size(), size))};
}

class ResponseVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(ResponseVectors, AreSealed) {
  const auto vector = read_vector(GetParam());
  const auto sealer = sealer_of_vector(vector);
  const VectorPolicy policy(vector.at("policy"));
  const std::int64_t now = vector.at("now");
  const std::string line = vector.at("line"), path = vector.at("path");

  std::string header;
  for (const std::string name : vector.at("second_pieces")) {
    header += name + "=2~s1.a; " + name + "~1=b; ";
  }
  Request request;
  request.read(*sealer, header);
  std::vector<std::uint8_t> buffer(replacement_size(*sealer, line.size(), path.size()));
  const auto made = replace(*policy, *sealer, now, line, path, &request, buffer);
  ASSERT_TRUE(made);
  EXPECT_EQ(kFates[static_cast<int>(made->fate)], vector.at("fate"));
  const auto lines = vector.at("lines").get<std::vector<std::string>>();
  ASSERT_EQ(made->count, lines.size());
  std::string token;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_TRUE(made->fate == Fate::too_large || made->lines[i].size() <= session::kMaxCookieSize);
    if (!lines[i].contains('*')) {
      EXPECT_EQ(made->lines[i], lines[i]);
      continue;
    }
    const auto [rest, piece] = without_token(made->lines[i], lines[i]);
    EXPECT_EQ(rest, lines[i]);
    token += piece;
  }
  if (!vector.contains("payload")) return;
  const std::string context = vector.at("token_context");
  const Outcome opened = open(*sealer, token, context, now);
  ASSERT_TRUE(opened.opened);
  EXPECT_EQ(opened.payload, vector.at("payload").get<std::string>());
  EXPECT_EQ(opened.times.expires_at, vector.at("expires_at"));
}

INSTANTIATE_TEST_SUITE_P(Spec, ResponseVectors,
                         ::testing::ValuesIn(vector_names({"upstream_cookies_response_"})),
                         vector_test_name);

class RequestVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(RequestVectors, AreOpened) {
  const auto vector = read_vector(GetParam());
  const auto sealer = sealer_of_vector(vector);
  const VectorPolicy policy(vector.at("policy"));
  std::vector<std::string> headers;
  for (const std::string header : vector.at("headers")) headers.push_back(one_byte_each(header));

  Request request;
  for (const std::string& header : headers) request.read(*sealer, header);
  std::vector<std::uint8_t> buffer(request.open_size(*sealer), 'x');
  ASSERT_TRUE(request.begin(*policy, *sealer, vector.at("now"), buffer));
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto passed = request.rewrite(headers[i]);
    ASSERT_EQ(passed, one_byte_each(vector.at("passed")[i].get<std::string>()));
    EXPECT_EQ(passed->data()[passed->size()], '\0');  // a string has one too
  }
  ASSERT_EQ(request.opened().size(), vector.at("opened").size());
  std::size_t due = 0;
  for (std::size_t i = 0; i < request.opened().size(); ++i) {
    EXPECT_EQ(request.opened()[i].payload,
              one_byte_each(vector.at("opened")[i].get<std::string>()));
    due += request.opened()[i].is_due;
  }
  EXPECT_EQ(due, vector.at("due"));
  EXPECT_EQ(request.plain(), vector.at("plain"));
  EXPECT_EQ(request.cut(), vector.at("cut"));
  EXPECT_EQ(request.has_forged(), vector.at("forged"));
  ASSERT_EQ(request.first_cut().has_value(), vector.contains("first"));
  if (const auto& first = request.first_cut()) {
    EXPECT_EQ(first->name, one_byte_each(vector.at("first").at("name").get<std::string>()));
    EXPECT_EQ(error_name(first->reason), vector.at("first").at("reason").get<std::string>());
    EXPECT_EQ(std::string_view(first->kid), vector.at("first").at("kid").get<std::string>());
  }
}

INSTANTIATE_TEST_SUITE_P(Spec, RequestVectors,
                         ::testing::ValuesIn(vector_names({"upstream_cookies_request_"})),
                         vector_test_name);

class RenewalVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(RenewalVectors, AreSealedAgain) {
  const auto vector = read_vector(GetParam());
  const auto sealer = sealer_of_vector(vector);
  const VectorPolicy policy(vector.at("policy"));
  const std::int64_t now = vector.at("now");
  const std::string name = vector.at("cookie"), payload = vector.at("payload");
  const OpenedCookie cookie{name, payload, vector.at("expires_at"), true};
  std::vector<std::uint8_t> buffer(renewal_size(*sealer, cookie));
  const auto made = renew(*policy, *sealer, now, cookie, buffer);
  ASSERT_TRUE(made);
  if (vector.at("renewed").is_null()) {
    EXPECT_EQ(made->count, 0U);
    return;
  }
  ASSERT_EQ(made->count, 1U);
  const std::string renewed = vector.at("renewed");
  const auto [rest, token] =
      without_token(made->lines[0], name + "=1~*" + renewed.substr(renewed.find(';')));
  EXPECT_EQ(rest, name + "=1~*" + renewed.substr(renewed.find(';')));
  const Outcome opened = open(*sealer, token, "upstream-cookie;shop;" + name, now);
  EXPECT_EQ(opened.payload, renewed);
  EXPECT_EQ(opened.times.expires_at, vector.at("expires_at"));
}

INSTANTIATE_TEST_SUITE_P(Spec, RenewalVectors,
                         ::testing::ValuesIn(vector_names({"upstream_cookies_renewed_"})),
                         vector_test_name);

}  // namespace
}  // namespace sealring::cookies
