// SPDX-License-Identifier: Apache-2.0
// What a server tells a browser (spec/device-binding.md sections 4 and 8).
#include "binding/instructions.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "binding/structured_field.h"

namespace sealring::binding {
namespace {

constexpr Scope kScope{.prefix = "/session-binding/",
                       .cookie = "__Host-session",
                       .attributes = "Path=/; Secure; HttpOnly; SameSite=Lax",
                       .domain = ""};
constexpr std::string_view kSid = "AAECAwQFBgcICQoLDA0ODw";

TEST(Instructions, OfAnOrigin) {
  EXPECT_EQ(
      instructions(kScope, kSid),
      R"({"session_identifier":"AAECAwQFBgcICQoLDA0ODw",)"
      R"("refresh_url":"/session-binding/refresh","scope":{"include_site":false,)"
      R"("scope_specification":[{"type":"exclude","domain":"*","path":"/session-binding/"}]},)"
      R"("credentials":[{"type":"cookie","name":"__Host-session-bound",)"
      R"("attributes":"Path=/; Secure; HttpOnly; SameSite=Lax"}]})");
}

TEST(Instructions, OfASite) {
  Scope scope = kScope;
  scope.domain = "example.com";
  const auto json = nlohmann::json::parse(instructions(scope, kSid).value());
  EXPECT_EQ(json.at("scope").at("origin"), "https://example.com");
  EXPECT_EQ(json.at("scope").at("include_site"), true);
}

TEST(Instructions, EscapeWhatTheyHold) {
  Scope scope = kScope;
  scope.prefix = "/a\"b\\/";
  const auto json = nlohmann::json::parse(instructions(scope, kSid).value());
  EXPECT_EQ(json.at("refresh_url"), "/a\"b\\/refresh");
  for (const std::string_view bad : {std::string_view("/\0/", 3), std::string_view("/\xff/")}) {
    scope.prefix = bad;
    EXPECT_EQ(instructions(scope, kSid).error(), Error::invalid_argument);
    EXPECT_EQ(registration_field(scope, "challenge").error(), Error::invalid_argument);
  }
}

TEST(Instructions, OfferARegistration) {
  EXPECT_EQ(registration_field(kScope, "s1.abc"),
            R"((ES256 RS256);path="/session-binding/register";challenge="s1.abc")");
}

TEST(Instructions, Challenge) {
  EXPECT_EQ(challenge_field("s1.abc", kSid), R"("s1.abc";id="AAECAwQFBgcICQoLDA0ODw")");
  EXPECT_EQ(challenge_field("a\nb", kSid).error(), Error::invalid_argument);
  EXPECT_EQ(challenge_field("a", "\x7f").error(), Error::invalid_argument);
}

TEST(StructuredField, WhatIsWrittenIsRead) {
  std::string printable;
  for (char c = ' '; c <= '~'; ++c) printable += c;
  std::string value;
  ASSERT_TRUE(append_string(printable, value));
  std::vector<std::uint8_t> room(value.size());
  EXPECT_EQ(read_string_item(value, room), printable);
}

}  // namespace
}  // namespace sealring::binding
