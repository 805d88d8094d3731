// SPDX-License-Identifier: Apache-2.0
// Sessions that are bound to a device.
#include <gtest/gtest.h>

#include <string>

#include "session/session.h"
#include "support/browser.h"

namespace sealring::session {
namespace {

constexpr std::string_view kKey = "ES256.key";

class BoundSessions : public ::testing::Test {
 protected:
  // A session that began at kNow and is bound 10 seconds later.
  void bind() {
    browser.sign_in(kNow, "alice");
    Session& session = browser.ask(kNow + 10);
    sid = session.sid();
    before = browser.header;
    ASSERT_TRUE(session.bind(kKey));
    EXPECT_EQ(browser.answer(), Change::changed);
  }

  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  Browser browser{*sealer};
  std::string sid, before;
};

TEST_F(BoundSessions, HaveANewSidAndTheOneFromBefore) {
  bind();
  const Session& session = browser.ask(kNow + 20);
  EXPECT_EQ(session.bound(), kKey);
  EXPECT_EQ(session.prior(), sid);
  EXPECT_EQ(session.sid().size(), kSidSize);
  EXPECT_NE(session.sid(), sid);
  EXPECT_EQ(browser.field("user"), "alice");
  EXPECT_EQ(browser.field("auth_time"), std::to_string(kNow));
}

// The answer may be lost.
TEST_F(BoundSessions, LeaveTheSessionFromBeforeAsItWas) {
  bind();
  browser.header = before;
  const Session& session = browser.ask(kNow + 20);
  EXPECT_EQ(session.sid(), sid);
  EXPECT_EQ(session.bound(), "");
  EXPECT_EQ(session.prior(), "");
}

TEST_F(BoundSessions, AreRenewedWithTheirKey) {
  bind();
  Session& session = browser.ask(kNow + 400);
  ASSERT_EQ(session.state(), State::due);
  const std::string bound_sid(session.sid());
  session.forget_prior();
  EXPECT_EQ(browser.answer(), Change::renewed);
  EXPECT_EQ(browser.ask(kNow + 410).sid(), bound_sid);
  EXPECT_EQ(browser.field("bound"), kKey);
  EXPECT_EQ(browser.field("prior"), "");
}

TEST_F(BoundSessions, AreNotBoundTwice) {
  bind();
  EXPECT_EQ(browser.ask(kNow + 20).bind("ES256.other").error(), Error::invalid_argument);
}

TEST_F(BoundSessions, OfAnotherSubjectAreNotBound) {
  bind();
  EXPECT_EQ(browser.sign_in(kNow + 20, "bob"), Change::started);
  const Session& session = browser.ask(kNow + 30);
  EXPECT_EQ(session.bound(), "");
  EXPECT_EQ(session.prior(), "");
}

TEST_F(BoundSessions, NeedASession) {
  EXPECT_EQ(browser.ask(kNow).bind(kKey).error(), Error::invalid_argument);
  browser.sign_in(kNow, "alice");
  EXPECT_EQ(browser.ask(kNow + 50000).bind(kKey).error(), Error::invalid_argument) << "expired";
  Session& session = browser.ask(kNow + 10);
  session.end();
  EXPECT_EQ(session.bind(kKey).error(), Error::invalid_argument) << "ended";
}

// With sid and auth_time there are 63 fields.
TEST_F(BoundSessions, NeedRoomForTwoFields) {
  std::string text;
  for (std::size_t i = 0; i < kMaxFields - 3; ++i) text += "&f" + std::to_string(i) + "=v";
  bool ignored = false;
  const MutableBytes bytes(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
  ASSERT_TRUE(browser.ask(kNow).replace(browser.profile().terms(), bytes, &ignored));
  EXPECT_EQ(browser.answer(), Change::started);
  Session& session = browser.ask(kNow + 10);
  const std::string known(session.sid());
  EXPECT_EQ(session.bind(kKey).error(), Error::malformed);
  EXPECT_EQ(session.sid(), known);
  EXPECT_EQ(session.bound(), "");
}

}  // namespace
}  // namespace sealring::session
