// SPDX-License-Identifier: Apache-2.0
// The token in a request.
#include "logout/logout_request.h"

#include <gtest/gtest.h>

#include <string>

namespace sealring::logout {
namespace {

std::string token_in(const std::string& form) {
  const auto token = token_in_form(form);
  return token ? std::string(*token) : token.error().detail;
}

TEST(LogoutRequest, HasOneToken) {
  EXPECT_EQ(token_in("logout_token=a.b.c"), "a.b.c");
  EXPECT_EQ(token_in("x=1&logout_token=a.b.c&y"), "a.b.c");
  EXPECT_EQ(token_in("&&logout_token=a.b.c&"), "a.b.c");
  EXPECT_EQ(token_in("logout_token=a=b"), "a=b");
  EXPECT_EQ(token_in("logout_token="), "");
}

TEST(LogoutRequest, HasNone) {
  for (const char* const form :
       {"", "&", "x=1", "logout_token", "LOGOUT_TOKEN=a", "xlogout_token=a", "logout_tokens=a",
        "logout%5Ftoken=a", "logout_token&=a"}) {
    EXPECT_EQ(token_in(form), "the request has no parameter logout_token") << form;
  }
}

TEST(LogoutRequest, HasTwo) {
  for (const char* const form :
       {"logout_token=a&logout_token=a", "logout_token=&x=1&logout_token=a"}) {
    EXPECT_EQ(token_in(form), "the request has two parameters logout_token") << form;
  }
}

TEST(LogoutRequest, HasABound) {
  const std::string start = "logout_token=a&x=";
  EXPECT_EQ(token_in(start + std::string(kMaxRequestSize - start.size(), 'x')), "a");
  EXPECT_EQ(token_in(start + std::string(kMaxRequestSize - start.size() + 1, 'x')),
            "the request is too long");
}

}  // namespace
}  // namespace sealring::logout
