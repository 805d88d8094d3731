// SPDX-License-Identifier: Apache-2.0
#include "session/policy.h"

#include <gtest/gtest.h>

#include "support/random.h"

namespace sealring::session {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

// 30 minutes and 12 hours: renewed after 3 minutes.
constexpr Settings kUsual = {.idle = 1800, .lifetime = 43200};

Decision at(std::int64_t age, std::int64_t since_sign_in, Settings settings, bool active = true) {
  const std::int64_t signed_in = kNow - since_sign_in;
  const std::int64_t issued_at = kNow - age;
  return decide(kNow, {signed_in, issued_at, expires_at(issued_at, signed_in, settings)}, settings,
                active);
}

TEST(SessionPolicy, ATokenEndsWithTheEarlierEnd) {
  EXPECT_EQ(expires_at(kNow, kNow, kUsual), kNow + 1800);
  EXPECT_EQ(expires_at(kNow, kNow - 43000, kUsual), kNow + 200);
  EXPECT_EQ(expires_at(kNow, kNow, {.idle = 1800}), kNow + 1800);
  EXPECT_EQ(expires_at(kNow, kNow - 100, {.lifetime = 1000}), kNow + 900);
  EXPECT_EQ(expires_at(kNow, kNow, {}), 0);
}

// What can still be good, and a minute more.
TEST(SessionPolicy, ARevocationMattersAsLongAsATokenCanBeGood) {
  const Sealed session{kNow - 100, kNow - 10, kNow + 1790};
  EXPECT_EQ(matters_until(kNow, session, kUsual), kNow + 1860);
  EXPECT_EQ(matters_until(kNow, session, {.idle = 60, .lifetime = 43200}), kNow + 1850)
      << "it was sealed when the idle timeout was longer";
  EXPECT_EQ(matters_until(kNow, session, {.idle = 1800, .lifetime = 1000}), kNow + 960);
  EXPECT_EQ(matters_until(kNow, session, {.lifetime = 1000}), kNow + 960);
  EXPECT_EQ(matters_until(kNow, session, {}), INT64_MAX);
  EXPECT_EQ(matters_until(INT64_MAX, {INT64_MAX, INT64_MAX, 0}, kUsual), INT64_MAX);
}

TEST(SessionPolicy, AFreshSessionIsGood) {
  EXPECT_EQ(at(0, 0, kUsual), Decision::good);
  EXPECT_EQ(at(179, 179, kUsual), Decision::good);
}

TEST(SessionPolicy, ASessionIsRenewedWhenItIsDue) {
  EXPECT_EQ(at(180, 180, kUsual), Decision::renew);
  EXPECT_EQ(at(1799, 1799, kUsual), Decision::renew);
  EXPECT_EQ(at(180, 180, kUsual, false), Decision::good);
}

TEST(SessionPolicy, TheIdleEndIsExact) {
  EXPECT_EQ(at(1800, 1800, kUsual), Decision::idle_end);
  EXPECT_EQ(at(1799, 1799, kUsual, false), Decision::good);
}

TEST(SessionPolicy, TheAbsoluteEndIsExact) {
  EXPECT_EQ(at(0, 43199, kUsual), Decision::good);
  EXPECT_EQ(at(0, 43200, kUsual), Decision::absolute_end);
  EXPECT_EQ(at(5000, 50000, kUsual),
            Decision::absolute_end);  // if both are reached, the absolute one
}

TEST(SessionPolicy, AShorterLifetimeHoldsForSessionsThatAreOut) {
  const Sealed out = {kNow - 7200, kNow - 60, kNow + 1740};
  EXPECT_EQ(decide(kNow, out, kUsual, true), Decision::good);
  EXPECT_EQ(decide(kNow, out, {.idle = 1800, .lifetime = 7200}, true), Decision::absolute_end);
}

TEST(SessionPolicy, TheRenewIntervalFollowsFromTheIdleTimeout) {
  const auto interval = [](Settings settings) {
    std::int64_t age = 0;
    while (age < settings.idle && at(age, age, settings) == Decision::good) ++age;
    return age;
  };
  EXPECT_EQ(interval({.idle = 1800}), 180);
  EXPECT_EQ(interval({.idle = 600}), 60);
  EXPECT_EQ(interval({.idle = 300}), 60);
  EXPECT_EQ(interval({.idle = 120}), 60);
  EXPECT_EQ(interval({.idle = 100}), 50);
  EXPECT_EQ(interval({.idle = 2}), 1);
  EXPECT_EQ(interval({.idle = 1800, .renew = 7}), 7);
}

TEST(SessionPolicy, NothingIsRenewedThatWouldEndNoLater) {
  EXPECT_EQ(at(180, 42000, kUsual), Decision::good);
  EXPECT_EQ(at(600, 600, {.lifetime = 1000, .renew = 60}), Decision::good);
}

TEST(SessionPolicy, WithoutEndsOnlyAConfiguredIntervalRenews) {
  EXPECT_EQ(at(1'000'000, 1'000'000, {}), Decision::good);
  EXPECT_EQ(at(3600, 1'000'000, {.renew = 3600}), Decision::renew);
  EXPECT_EQ(at(3599, 1'000'000, {.renew = 3600}), Decision::good);
}

TEST(SessionPolicy, ATokenWithoutAnEndFromBeforeTheTimeoutHasOneNow) {
  EXPECT_EQ(decide(kNow, {kNow - 100, kNow - 100, 0}, kUsual, true), Decision::good);
  EXPECT_EQ(decide(kNow, {kNow - 200, kNow - 200, 0}, kUsual, true), Decision::renew);
  EXPECT_EQ(decide(kNow, {kNow - 1800, kNow - 1800, 0}, kUsual, true), Decision::idle_end);
}

TEST(SessionPolicy, ATokenFromAClockThatIsAheadIsGood) {
  EXPECT_EQ(at(-30, -30, kUsual), Decision::good);
}

TEST(SessionPolicy, SumsDoNotOverflow) {
  EXPECT_EQ(expires_at(INT64_MAX - 1, 0, {.idle = 10}), 0);
  EXPECT_EQ(decide(kNow, {0, 0, 0}, {.idle = INT64_MAX, .lifetime = INT64_MAX}, true),
            Decision::good);
}

// A session that is used at least once in each idle timeout lasts until the absolute end, and no
// longer. Without that, it ends earlier.
TEST(SessionPolicy, ASessionLastsAsLongAsItIsUsedWithinItsBounds) {
  Randomness random;
  for (int round = 0; round < 2000; ++round) {
    const Settings settings = {.idle = 2 + static_cast<std::int64_t>(random.below(2000)),
                               .lifetime = 1 + static_cast<std::int64_t>(random.below(5000))};
    Sealed session = {kNow, kNow, expires_at(kNow, kNow, settings)};
    std::int64_t now = kNow;
    for (;;) {
      // A renewed token is at least half of the timeout away from its end.
      const auto step = static_cast<std::int64_t>(
          random.below(static_cast<std::size_t>(settings.idle - settings.idle / 2)));
      now += step + (step == 0);
      const Decision decision = decide(now, session, settings, true);
      if (now >= kNow + settings.lifetime) {
        ASSERT_EQ(decision, Decision::absolute_end);
        break;
      }
      ASSERT_TRUE(decision == Decision::good || decision == Decision::renew)
          << now - kNow << ' ' << settings.idle << ' ' << settings.lifetime;
      if (decision == Decision::renew) {
        session.issued_at = now;
        session.expires_at = expires_at(now, session.auth_time, settings);
      }
      ASSERT_LE(session.expires_at, kNow + settings.lifetime);
    }
  }
}

}  // namespace
}  // namespace sealring::session
