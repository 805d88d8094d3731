// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "session/device_requests.h"
#include "session/session_counting.h"
#include "support/browser.h"
#include "support/counted.h"
#include "support/device.h"

namespace sealring::session {
namespace {

using status::Counter;

// What is between the quotation marks of a header field after `name`.
std::string quoted(const std::string& field, const std::string& name) {
  const std::size_t begin = field.find(name + '"') + name.size() + 1;
  return field.substr(begin, field.find('"', begin) - begin);
}

class SessionCounting : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(browser.bind_profile({.refresh = 300, .grace = 60}));
    browser.sign_in(kNow, "alice");
    offer = *offer_registration(browser.session(), browser.profile(), *sealer, kNow);
  }

  // As the C ABI does.
  Session& ask(std::int64_t now) {
    Session& session = browser.ask(now);
    count_opened(*sealer, session, {});
    return session;
  }
  void end(std::int64_t now) {
    Session& session = browser.ask(now);
    const auto change = session.prepare(browser.profile().terms(), *sealer, now);
    count_change(*sealer, session, *change);
  }
  DeviceAnswer register_device(std::int64_t now, std::optional<std::string> proof) {
    return *answer_registration(browser.ask_to_bind(now), browser.profile(), *sealer, now,
                                {.id = {}, .proof = proof}, room);
  }
  DeviceAnswer refresh(std::int64_t now, std::optional<std::string> proof,
                       std::optional<std::string_view> named = {}) {
    Session& session = browser.ask_to_bind(now);
    id = session.sid();
    return *answer_refresh(session, browser.profile(), *sealer, now,
                           {.id = named.value_or(id), .proof = proof});
  }
  std::string registration() { return device.proof(quoted(offer, ";challenge="), true); }
  void bind() {
    const DeviceAnswer answer = register_device(kNow + 1, registration());
    browser.seal();
    browser.keep(answer.cookie);
  }
  std::string challenge(std::int64_t now) {
    return quoted(refresh(now, std::nullopt).challenge, "");
  }

  std::uint64_t requests(std::string_view request, std::string_view result) {
    return counted.value(Counter::binding_requests, request, result);
  }
  std::uint64_t refusals(std::string_view reason = "") {
    return counted.value(Counter::binding_refusals, reason);
  }

  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  status::Counted counted{*sealer};
  Browser browser{*sealer, {.cookie = "s", .ends = {1800, 43200, 0}}};
  binding::Device device;
  std::string offer, id;
  std::array<char, kBoundRoom> room;
};

TEST_F(SessionCounting, CountsWhatBrowsersOfDevicesDo) {
  register_device(kNow + 1, std::nullopt);
  EXPECT_EQ(refusals("no_proof"), 1U);
  register_device(kNow + 1, "no proof");
  EXPECT_EQ(refusals("bad_proof"), 1U);
  register_device(kNow + 200, registration());
  EXPECT_EQ(refusals("expired_challenge"), 1U);
  EXPECT_EQ(requests("registration", "refused"), 3U);
  refresh(kNow + 1, std::nullopt);
  EXPECT_EQ(refusals("not_bound"), 1U);

  bind();
  EXPECT_EQ(requests("registration", "registered"), 1U);
  EXPECT_EQ(counted.value(Counter::session_changes, "changed"), 1U);
  register_device(kNow + 2, registration());
  EXPECT_EQ(refusals("bound_already"), 1U);

  const std::string first = challenge(kNow + 2);
  EXPECT_EQ(requests("refresh", "challenged"), 1U);
  EXPECT_EQ(refusals(), 5U) << "a request for a challenge is none";
  refresh(kNow + 3, device.proof(first, false));
  EXPECT_EQ(requests("refresh", "refreshed"), 1U);
  refresh(kNow + 200, device.proof(first, false));
  EXPECT_EQ(requests("refresh", "challenged"), 2U);
  EXPECT_EQ(refusals("expired_challenge"), 2U);
  refresh(kNow + 3, device.proof("other", false));
  EXPECT_EQ(refusals("other_challenge"), 1U);
  refresh(kNow + 3, std::nullopt, "other");
  EXPECT_EQ(refusals("other_session"), 1U);

  refresh(kNow + 201, binding::Device().proof(challenge(kNow + 200), false));
  EXPECT_EQ(requests("refresh", "forged"), 1U);
  EXPECT_EQ(refusals("bad_signature"), 1U);
  EXPECT_EQ(counted.value(Counter::session_changes, "ended"), 1U);
  browser.header = "s=s1.other";
  refresh(kNow + 10, std::nullopt);
  EXPECT_EQ(requests("refresh", "unavailable"), 1U);
  EXPECT_EQ(refusals("no_session"), 1U);
}

TEST_F(SessionCounting, CountsWhySessionsAreUnbound) {
  bind();
  EXPECT_TRUE(ask(kNow + 2).is_live());
  EXPECT_EQ(counted.value(Counter::sessions_opened, "ok"), 1U);
  EXPECT_EQ(counted.value(Counter::unbound_sessions), 0U);
  ask(kNow + 400);
  EXPECT_EQ(counted.value(Counter::unbound_sessions, "expired_cookie"), 1U);
  const std::size_t bound = browser.header.find("s-bound=");
  browser.header = browser.header.substr(0, bound);
  ask(kNow + 2);
  EXPECT_EQ(counted.value(Counter::unbound_sessions, "no_cookie"), 1U);
  browser.header += "s-bound=s1.other";
  ask(kNow + 2);
  EXPECT_EQ(counted.value(Counter::unbound_sessions, "other_cookie"), 1U);
  EXPECT_EQ(counted.value(Counter::sessions_opened, "unbound"), 3U);

  Browser other(*sealer, {.cookie = "s", .ends = {1800, 43200, 0}});
  ASSERT_TRUE(other.bind_profile({.grace = 60, .required = true}));
  other.sign_in(kNow, "bob");
  count_opened(*sealer, other.ask(kNow + 60), {});
  EXPECT_EQ(counted.value(Counter::unbound_sessions, "not_bound"), 1U);
}

TEST_F(SessionCounting, CountsByWhichEndASessionEnded) {
  const auto ended = [this](std::string_view how) {
    return counted.value(Counter::session_changes, how);
  };
  end(kNow + 1800);
  EXPECT_EQ(ended("idle_end"), 1U);
  Browser active(*sealer, {.cookie = "s", .ends = {43200, 43200, 0}});
  active.sign_in(kNow, "bob");
  Session& session = active.ask(kNow + 43200);
  count_change(*sealer, session, *session.prepare(active.profile().terms(), *sealer, kNow + 43200));
  EXPECT_EQ(ended("absolute_end"), 1U);
  EXPECT_EQ(ended("ended"), 0U);
  EXPECT_EQ(ended("revoked"), 0U);
}

}  // namespace
}  // namespace sealring::session
