// SPDX-License-Identifier: Apache-2.0
#include "session/profile.h"

#include <gtest/gtest.h>

namespace sealring::session {
namespace {

TEST(SessionProfile, HasDefaults) {
  const auto profile = Profile::make({});
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->cookie().name, "__Host-session");
  EXPECT_EQ(profile->cookie().attributes, "; Path=/; Secure; HttpOnly; SameSite=Lax");
  EXPECT_EQ(profile->parts(), 2U);
  EXPECT_EQ(as_text(profile->terms().context), "__Host-session");
  EXPECT_EQ(profile->terms().subject, "user");
}

TEST(SessionProfile, WritesAttributes) {
  const auto profile = Profile::make({.cookie = "id",
                                      .path = "/app",
                                      .domain = "example.com",
                                      .same_site = "none",
                                      .partitioned = true});
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->cookie().attributes,
            "; Path=/app; Domain=example.com; Secure; HttpOnly; SameSite=None; Partitioned");
  EXPECT_EQ(
      Profile::make({.cookie = "id", .same_site = "strict", .secure = false})->cookie().attributes,
      "; Path=/; HttpOnly; SameSite=Strict");
}

struct Refused {
  const char* what;
  ProfileOptions options;
};

class RefusedProfiles : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedProfiles, SayWhatIsWrong) {
  const auto profile = Profile::make(GetParam().options);
  ASSERT_FALSE(profile);
  EXPECT_EQ(profile.error().error, Error::invalid_argument);
  EXPECT_NE(profile.error().message.find(GetParam().what), std::string::npos)
      << profile.error().message;
}

const std::string kLong(1025, 'x');
const std::string kLongName = kLong.substr(0, 129);
const std::string kLongPath = "/" + kLong.substr(0, 256);

INSTANTIATE_TEST_SUITE_P(
    Each, RefusedProfiles,
    ::testing::Values(Refused{"name", {.cookie = "a b"}}, Refused{"name", {.cookie = "a="}},
                      Refused{"name", {.cookie = ""}}, Refused{"name", {.cookie = kLongName}},
                      Refused{"name", {.cookie = "caf\xc3\xa9"}},
                      Refused{"path", {.cookie = "a", .path = "x"}},
                      Refused{"path", {.cookie = "a", .path = "/;x"}},
                      Refused{"path", {.cookie = "a", .path = ""}},
                      Refused{"path", {.cookie = "a", .path = kLongPath}},
                      Refused{"domain", {.cookie = "a", .domain = "x;y"}},
                      Refused{"domain", {.cookie = "a", .domain = kLong}},
                      Refused{"not Secure", {.secure = false}},
                      Refused{"not Secure", {.cookie = "__host-a", .secure = false}},
                      Refused{"not Secure", {.cookie = "__Secure-a", .secure = false}},
                      Refused{"Domain", {.domain = "example.com"}},
                      Refused{"Path", {.path = "/app"}}, Refused{"SameSite", {.same_site = "Lax"}},
                      Refused{"Partitioned", {.cookie = "a", .secure = false, .partitioned = true}},
                      Refused{"1 to 9", {.parts = 0}}, Refused{"1 to 9", {.parts = 10}},
                      Refused{"context", {.context = kLong}},
                      Refused{"subject", {.subject = "sid"}}, Refused{"subject", {.subject = ""}},
                      Refused{"time", {.ends = {-1, 0, 0}}}, Refused{"time", {.ends = {0, -1, 0}}},
                      Refused{"time", {.ends = {0, 0, -1}}}));

// Device binding. Browsers bind no other cookies, and would not send them elsewhere.
std::string why_it_does_not_bind(const ProfileOptions& options, std::string_view prefix,
                                 const binding::Settings& settings = {}) {
  auto profile = Profile::make(options).value();
  const auto bound = profile.bind(settings, prefix);
  EXPECT_EQ(profile.binds(), bound.has_value());
  return bound ? "" : bound.error().message;
}

TEST(SessionProfile, BindsSecureCookies) {
  EXPECT_EQ(why_it_does_not_bind({}, "/session-binding/"), "");
  EXPECT_TRUE(why_it_does_not_bind({.cookie = "id", .secure = false}, "/b/").contains("Secure"));
  EXPECT_TRUE(why_it_does_not_bind({.partitioned = true}, "/b/").contains("Partitioned"));
}

TEST(SessionProfile, BindsBelowThePathOfItsCookie) {
  const ProfileOptions app = {.cookie = "id", .path = "/app"};
  EXPECT_EQ(why_it_does_not_bind(app, "/app/"), "");
  EXPECT_EQ(why_it_does_not_bind(app, "/app/b/"), "");
  EXPECT_EQ(why_it_does_not_bind({.cookie = "id", .path = "/app/"}, "/app/b/"), "");
  for (const char* prefix : {"/b/", "/ap/", "/apps/"}) {
    EXPECT_TRUE(why_it_does_not_bind(app, prefix).contains("not below the cookie's path"));
  }
}

TEST(SessionProfile, BindsAtPlainPaths) {
  EXPECT_EQ(why_it_does_not_bind({}, "/aZ0-_./"), "");
  EXPECT_EQ(why_it_does_not_bind({}, "/" + std::string(126, 'a') + "/"), "");
  for (const std::string& prefix :
       {std::string(), std::string("/"), std::string("b/"), std::string("/b"),
        std::string("/a//b/"), std::string("/./"), std::string("/a/../b/"), std::string("/%20/"),
        std::string("/a b/"), "/" + std::string(127, 'a') + "/"}) {
    EXPECT_TRUE(why_it_does_not_bind({}, prefix).contains("128 letters")) << prefix;
  }
}

TEST(SessionProfile, BindsForASecondToADay) {
  for (const std::int64_t good : {1, 86400}) {
    EXPECT_EQ(why_it_does_not_bind({}, "/b/", {.refresh = good}), "");
    EXPECT_EQ(why_it_does_not_bind({}, "/b/", {.grace = good}), "");
  }
  for (const std::int64_t bad : {-1, 0, 86401}) {
    EXPECT_TRUE(why_it_does_not_bind({}, "/b/", {.refresh = bad}).contains("1 second to 1 day"));
    EXPECT_TRUE(why_it_does_not_bind({}, "/b/", {.grace = bad}).contains("1 second to 1 day"));
  }
}

}  // namespace
}  // namespace sealring::session
