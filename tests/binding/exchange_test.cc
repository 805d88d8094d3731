// SPDX-License-Identifier: Apache-2.0
// Whole exchanges with challenges and bound cookies that were sealed here, and failures on this
// side. What else a request can be is in the vectors.
#include "binding/exchange.h"

#include <gtest/gtest.h>

#include "binding/sid_token.h"
#include "support/device.h"
#include "support/sealers.h"

namespace sealring::binding {
namespace {

constexpr std::string_view kSid = "AAECAwQFBgcICQoLDA0ODw";
constexpr std::string_view kOtherSid = "EBESExQVFhcYGRobHB0eHw";
constexpr std::int64_t kRefresh = 600;

class Exchange : public ::testing::Test {
 protected:
  std::string challenge(std::string_view sid = kSid, std::int64_t lifetime = kChallengeLifetime) {
    return seal_sid(SidToken::challenge, *sealer_, kNow, lifetime, sid).value();
  }
  Outcome refresh(std::string_view bound, const std::string& proof, std::int64_t now = kNow) {
    const SessionState session{true, false, kSid, bound};
    return decide_refresh(*sealer_, now, session, {.id = kSid, .proof = proof}).value().outcome;
  }
  std::string register_device() {
    const std::string proof = device_.proof(challenge(kOtherSid), true);
    const SessionState session{true, false, kOtherSid, ""};
    return decide_registration(*sealer_, kNow, session, {.id = {}, .proof = proof}).value().bound;
  }

  ObservedDriver driver_;
  std::unique_ptr<Sealer> sealer_ = sealer_of({xaes_key()}, driver_);
  Device device_;
};

TEST_F(Exchange, FromRegistrationToRefreshes) {
  const std::string bound = register_device();
  ASSERT_TRUE(bound.starts_with("ES256."));
  const std::string first = device_.proof(challenge(), false);
  EXPECT_EQ(refresh(bound, first), Outcome::refreshed);
  EXPECT_EQ(refresh(bound, first, kNow + 119), Outcome::refreshed) << "a browser tries again";
  EXPECT_EQ(refresh(bound, first, kNow + 120), Outcome::challenged);
  EXPECT_EQ(refresh(bound, Device().proof(challenge(), false)), Outcome::forged);
  EXPECT_EQ(refresh(register_device(), first), Outcome::refreshed);
}

TEST_F(Exchange, WorksWithEachFormatThatBindsAContext) {
  sealer_ = sealer_of({a256gcm_key()}, driver_);
  EXPECT_EQ(refresh(register_device(), device_.proof(challenge(), false)), Outcome::refreshed);
}

TEST_F(Exchange, TokensAreNotSealedInAnOldFormat) {
  sealer_ = sealer_of({legacy_key()}, driver_);
  const auto sealed = seal_sid(SidToken::bound_cookie, *sealer_, kNow, kRefresh, kSid);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().reason, Error::unsupported);
}

TEST_F(Exchange, EachTokenIsAnother) {
  EXPECT_NE(challenge(), challenge());
  const auto cookie = [this] {
    return seal_sid(SidToken::bound_cookie, *sealer_, kNow, kRefresh, kSid).value();
  };
  EXPECT_NE(cookie(), cookie());
}

TEST_F(Exchange, TheEndOfABoundCookie) {
  const std::string cookie =
      seal_sid(SidToken::bound_cookie, *sealer_, kNow, kRefresh, kSid).value();
  std::vector<std::uint8_t> buffer(sealer_->opened_size(cookie.size()));
  const std::string_view tokens[] = {cookie};
  EXPECT_EQ(bound_cookie_end(*sealer_, kNow + kRefresh, kSid, tokens, buffer).value(),
            kNow + kRefresh);
  EXPECT_EQ(bound_cookie_end(*sealer_, kNow, kOtherSid, tokens, buffer).value(), std::nullopt);
}

// No user is signed out because this side has a fault.
TEST_F(Exchange, FailuresOfThisSideAreNoVerdicts) {
  const std::string bound = register_device();
  const SessionState unbound{true, false, kSid, ""}, session{true, false, kSid, bound};
  const std::string proof = device_.proof(challenge(), true);
  const std::string again = device_.proof(challenge(), false);
  const std::string forged = Device().proof(challenge(), false);
  for (const Call call : {Call::verify, Call::gcm_decrypt}) {
    driver_.observed.fail(call, Error::crypto_failure);
    EXPECT_EQ(decide_registration(*sealer_, kNow, unbound, {.id = {}, .proof = proof}).error(),
              Error::crypto_failure);
    for (const std::string& sent : {again, forged}) {
      EXPECT_EQ(decide_refresh(*sealer_, kNow, session, {.id = kSid, .proof = sent}).error(),
                Error::crypto_failure);
    }
    driver_.observed.fail_no_more();
  }
  EXPECT_EQ(refresh(bound, again), Outcome::refreshed);
}

// Nobody who is not signed in causes the work of a verification, and it is done once.
TEST_F(Exchange, TheWorkIsForThoseWhoAreSignedIn) {
  const std::string bound = register_device();
  const std::string proof = device_.proof(challenge(), false);
  driver_.observed.reset();
  for (const SessionState& session :
       {SessionState{false, true, "", ""}, SessionState{false, false, "", ""},
        SessionState{true, false, kOtherSid, bound}, SessionState{true, false, kSid, ""}}) {
    EXPECT_TRUE(decide_refresh(*sealer_, kNow, session, {.id = kSid, .proof = proof}));
  }
  EXPECT_EQ(driver_.observed.count(Call::verify), 0U);
  EXPECT_EQ(driver_.observed.count(Call::gcm_decrypt), 0U);
  EXPECT_EQ(refresh(bound, proof), Outcome::refreshed);
  EXPECT_EQ(driver_.observed.count(Call::verify), 1U);
  EXPECT_EQ(driver_.observed.count(Call::gcm_decrypt), 1U);
}

TEST(Outcomes, HaveAStatus) {
  EXPECT_EQ(status_of(Outcome::registered), 200);
  EXPECT_EQ(status_of(Outcome::refreshed), 200);
  EXPECT_EQ(status_of(Outcome::challenged), 403);
  EXPECT_EQ(status_of(Outcome::refused), 400);
  EXPECT_EQ(status_of(Outcome::gone), 401);
  EXPECT_EQ(status_of(Outcome::forged), 401);
  EXPECT_EQ(status_of(Outcome::unavailable), 503);
}

}  // namespace
}  // namespace sealring::binding
