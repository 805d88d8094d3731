// SPDX-License-Identifier: Apache-2.0
// Registration and refresh, applied to sessions.
#include "session/device_requests.h"

#include <gtest/gtest.h>

#include <deque>

#include "binding/sid_token.h"
#include "support/browser.h"
#include "support/device.h"

namespace sealring::session {
namespace {

using binding::Outcome;

const ProfileOptions kSecure{.cookie = "s", .ends = {1800, 43200, 0}};

// What is between the quotation marks of a header field after `name`.
std::string quoted(const std::string& field, const std::string& name) {
  const std::size_t begin = field.find(name + '"') + name.size() + 1;
  return field.substr(begin, field.find('"', begin) - begin);
}

class DeviceRequests : public ::testing::Test {
 protected:
  DeviceRequests() {
    EXPECT_TRUE(browser.bind_profile({.refresh = 300}));
    browser.sign_in(kNow, "alice");
    offer = *offer_registration(browser.session(), browser.profile(), *sealer, kNow);
  }

  DeviceAnswer register_device(std::int64_t now, const std::string& proof) {
    return *answer_registration(browser.ask_to_bind(now), browser.profile(), *sealer, now,
                                {.id = {}, .proof = proof}, room);
  }
  DeviceAnswer refresh(std::int64_t now, std::optional<std::string_view> proof) {
    Session& session = browser.ask_to_bind(now);
    id = session.sid();
    return *answer_refresh(session, browser.profile(), *sealer, now, {.id = id, .proof = proof});
  }
  // A registration, whose answer arrives.
  DeviceAnswer bind() {
    const DeviceAnswer answer = register_device(kNow + 1, device.proof(challenge(), true));
    EXPECT_EQ(answer.outcome, Outcome::registered);
    browser.seal();
    browser.keep(answer.cookie);
    return answer;
  }
  std::string challenge() const { return quoted(offer, ";challenge="); }

  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  Browser browser{*sealer, kSecure};
  binding::Device device;
  std::string offer, id;
  std::array<char, kBoundRoom> room;
  std::deque<std::string> names;
};

TEST_F(DeviceRequests, AreOfferedToUsersWhoSignIn) {
  EXPECT_TRUE(
      offer.starts_with(R"((ES256 RS256);path="/session-binding/register";challenge="s1.)"));
  Browser other(*sealer, kSecure);
  other.sign_in(kNow, "alice");
  EXPECT_EQ(offer_registration(other.session(), other.profile(), *sealer, kNow), "")
      << "its profile does not bind";
  ASSERT_TRUE(other.bind_profile({}));
  other.header = "";
  ASSERT_TRUE(other.ask(kNow).set("cart", "1"));
  EXPECT_EQ(other.answer(), Change::started);
  EXPECT_EQ(offer_registration(other.session(), other.profile(), *sealer, kNow), "");
}

TEST_F(DeviceRequests, BindASession) {
  const std::string before(browser.session().sid());
  const DeviceAnswer answer = bind();
  const Session& session = browser.ask(kNow + 2);
  ASSERT_TRUE(session.is_live());
  EXPECT_NE(session.sid(), before);
  EXPECT_EQ(session.prior(), before);
  EXPECT_TRUE(session.bound().starts_with("ES256."));
  const std::string sid(session.sid());
  EXPECT_EQ(
      answer.body,
      R"({"session_identifier":")" + sid +
          R"(","refresh_url":"/session-binding/refresh","scope":{"include_site":false,)"
          R"("scope_specification":[{"type":"exclude","domain":"*","path":"/session-binding/"}]},)"
          R"("credentials":[{"type":"cookie","name":"s-bound",)"
          R"("attributes":"Path=/; Secure; HttpOnly; SameSite=Lax"}]})");
  EXPECT_TRUE(answer.cookie.starts_with("s-bound=s1."));
  EXPECT_TRUE(answer.cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=300"));
  EXPECT_EQ(answer.challenge, "");
}

TEST_F(DeviceRequests, RefuseARegistrationAndLeaveTheSession) {
  const std::string header = browser.header;
  const DeviceAnswer answer = register_device(kNow + 120, device.proof(challenge(), true));
  EXPECT_EQ(answer.outcome, Outcome::refused);
  EXPECT_EQ(answer.cookie + answer.body + answer.challenge, "");
  EXPECT_EQ(browser.session().cookie_count(), 0U);
  EXPECT_TRUE(browser.ask(kNow + 121).is_live());
}

TEST_F(DeviceRequests, ChallengeAndRefresh) {
  bind();
  const DeviceAnswer challenged = refresh(kNow + 290, std::nullopt);
  EXPECT_EQ(challenged.outcome, Outcome::challenged);
  EXPECT_EQ(challenged.cookie + challenged.body, "");
  EXPECT_EQ(quoted(challenged.challenge, ";id="), id);
  const std::string proof = device.proof(quoted(challenged.challenge, ""), false);
  const DeviceAnswer refreshed = refresh(kNow + 291, proof);
  EXPECT_EQ(refreshed.outcome, Outcome::refreshed);
  EXPECT_EQ(refreshed.challenge + refreshed.body, "");
  browser.keep(refreshed.cookie);
  EXPECT_TRUE(browser.ask(kNow + 590).is_live());
  EXPECT_EQ(refresh(kNow + 292, proof).outcome, Outcome::refreshed) << "a retry";
}

TEST_F(DeviceRequests, EndASessionForWhichSomebodyElseSigns) {
  bind();
  const DeviceAnswer challenged = refresh(kNow + 10, std::nullopt);
  const std::string proof = binding::Device().proof(quoted(challenged.challenge, ""), false);
  EXPECT_EQ(refresh(kNow + 11, proof).outcome, Outcome::forged);
  const Session& session = browser.session();
  ASSERT_TRUE(session.revocation());
  EXPECT_EQ(std::string(session.revocation()->sid.data(), kSidSize), id);
  EXPECT_TRUE(session.prior_revocation()) << "the one from before the binding, too";
  EXPECT_EQ(session.prior_revocation()->revoked_at, kNow + 11);
  EXPECT_EQ(session.cookie_count(), 3U) << "two parts and the bound cookie are deleted";
}

TEST_F(DeviceRequests, KnowASessionThatIsOver) {
  bind();
  EXPECT_EQ(refresh(kNow + 5000, std::nullopt).outcome, Outcome::gone);
  browser.header = "";
  EXPECT_EQ(refresh(kNow + 10, std::nullopt).outcome, Outcome::gone);
  browser.header = "s=s1.other";
  EXPECT_EQ(refresh(kNow + 10, std::nullopt).outcome, Outcome::unavailable);
}

// With sid and auth_time there are 63 fields.
TEST_F(DeviceRequests, RefuseToBindASessionWithoutRoom) {
  Session& session = browser.ask(kNow);
  for (std::size_t i = 0; i < kMaxFields - 4; ++i) {
    ASSERT_TRUE(session.set(names.emplace_back("f" + std::to_string(i)), "v"));
  }
  EXPECT_EQ(browser.answer(), Change::changed);
  const DeviceAnswer answer = register_device(kNow + 1, device.proof(challenge(), true));
  EXPECT_EQ(answer.outcome, Outcome::refused);
  EXPECT_STREQ(answer.detail, "the session has no room for two more fields");
}

}  // namespace
}  // namespace sealring::session
