// SPDX-License-Identifier: Apache-2.0
// Sessions that are bound to a device.
#include <gtest/gtest.h>

#include <string>

#include "binding/sid_token.h"
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
    bound_sid = session.sid();
    refresh(kNow + 10);
  }

  // The browser gets a new bound cookie, for the session or for another one.
  void refresh(std::int64_t now) { give(cookie(bound_sid, now)); }
  void give(const std::string& token) {
    browser.header = without_bound_cookie() + "s-bound=" + token + "; ";
  }
  std::string cookie(std::string_view of, std::int64_t now) {
    return binding::seal_sid(binding::SidToken::bound_cookie, *sealer, now, 600, of).value();
  }
  std::string without_bound_cookie() const {
    return browser.header.substr(0, browser.header.find("s-bound="));
  }

  void expect_unbound(std::int64_t now, std::string_view detail) {
    const std::string header = browser.header;
    const Session& session = browser.ask(now);
    ASSERT_EQ(session.state(), State::refused);
    EXPECT_EQ(session.reason(), Error::unbound);
    EXPECT_EQ(session.detail(), detail);
    EXPECT_TRUE(session.fields().all().empty());
    EXPECT_FALSE(session.is_over());
    EXPECT_EQ(browser.answer(), Change::none);
    EXPECT_EQ(browser.header, header) << "nothing is deleted";
    EXPECT_FALSE(session.prior_revocation());
  }

  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  Browser browser{*sealer};
  std::string sid, bound_sid, before;
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
  EXPECT_EQ(browser.answer(), Change::renewed);
  EXPECT_EQ(browser.ask(kNow + 410).sid(), bound_sid);
  EXPECT_EQ(browser.field("bound"), kKey);
  EXPECT_EQ(browser.field("prior"), "");
}

TEST_F(BoundSessions, AreRefusedWithoutABoundCookieOfTheirOwn) {
  bind();
  const std::string good = browser.header;
  browser.header = without_bound_cookie();
  expect_unbound(kNow + 20, "it came without its bound cookie");
  give(cookie(sid, kNow + 10));
  expect_unbound(kNow + 20, "no bound cookie that came with it is its own");
  give("s1.AAAA");
  expect_unbound(kNow + 20, "no bound cookie that came with it is its own");
  browser.header = good;
  EXPECT_TRUE(browser.ask(kNow + 20).is_live());
}

TEST_F(BoundSessions, AreNotRenewedInGraceAndRefusedAfterIt) {
  bind();
  EXPECT_EQ(browser.ask(kNow + 609).state(), State::due);
  EXPECT_EQ(browser.ask(kNow + 610).state(), State::good);
  EXPECT_EQ(browser.ask(kNow + 669).state(), State::good);
  expect_unbound(kNow + 670, "its bound cookie has expired");
  refresh(kNow + 670);
  EXPECT_EQ(browser.ask(kNow + 671).state(), State::due);
}

TEST_F(BoundSessions, TryFourBoundCookiesAndTheOneThatEndsLastCounts) {
  bind();
  const std::string session = without_bound_cookie();
  const std::string old = "s-bound=" + cookie(bound_sid, kNow - 600) + "; ";
  const std::string good = "s-bound=" + cookie(bound_sid, kNow + 10) + "; ";
  browser.header = old + old + session + old + good;
  EXPECT_TRUE(browser.ask(kNow + 100).is_live());
  browser.header = good + old + session;
  EXPECT_TRUE(browser.ask(kNow + 100).is_live());
  browser.header = old + old + session + old + old + good;
  expect_unbound(kNow + 100, "its bound cookie has expired");
}

// The caller has no buffer then.
TEST_F(BoundSessions, NeedNoRoomForABoundCookieAlone) {
  const std::string header = "s-bound=" + cookie(sid, kNow);
  std::string rest(header.size(), ' ');
  Candidates nothing("s", 2), alone("s", 2);
  alone.read(header, rest.data());
  ASSERT_EQ(alone.bound_cookies().size(), 1U);
  EXPECT_EQ(Session::open_size(*sealer, alone), Session::open_size(*sealer, nothing));
}

// Of several sessions, the newest counts, bound or not.
TEST_F(BoundSessions, AreNotReplacedByAnOlderOneThatIsNotBound) {
  bind();
  browser.header = before + without_bound_cookie();
  expect_unbound(kNow + 20, "it came without its bound cookie");
}

TEST_F(BoundSessions, OpenToBeRefreshed) {
  bind();
  browser.header = without_bound_cookie();
  EXPECT_TRUE(browser.ask_to_bind(kNow + 5000).is_over()) << "its ends still count";
  Session& session = browser.ask_to_bind(kNow + 20);
  EXPECT_TRUE(session.is_live());
  EXPECT_EQ(session.bound(), kKey);
  EXPECT_EQ(session.sid(), bound_sid);
}

TEST_F(BoundSessions, OfModSessionAreRefused) {
  bind();
  const std::string token = browser.header.substr(2, browser.header.find(';') - 2);
  std::vector<std::uint8_t> buffer(sealer->opened_size(token.size()));
  Session session;
  const Terms terms{as_bytes(std::string_view("s")), "user", {}, true};
  ASSERT_TRUE(session.open_token(terms, *sealer, kNow + 20, true, token, buffer));
  EXPECT_EQ(session.reason(), Error::unbound);
}

TEST_F(BoundSessions, OpenWithoutAProfileWithTheirBoundCookie) {
  bind();
  std::string rest(browser.header.size(), ' ');
  Candidates candidates("s", 1);
  candidates.read(browser.header, rest.data());
  const std::string_view token = candidates.token(0, {}).value();
  std::vector<std::uint8_t> buffer(sealer->opened_size(token.size()));
  std::vector<std::uint8_t> room(sealer->opened_size(candidates.bound_cookies()[0].size()));
  const Terms terms{as_bytes(std::string_view("s")), "user", {}};
  Session session;
  ASSERT_TRUE(session.open_token(terms, *sealer, kNow + 20, true, token, buffer,
                                 candidates.bound_cookies(), room));
  EXPECT_TRUE(session.is_live());
  EXPECT_EQ(session.bound(), kKey);
}

TEST_F(BoundSessions, LoseTheirBoundCookieWhenTheyEnd) {
  bind();
  browser.ask(kNow + 20).end();
  EXPECT_EQ(browser.answer(), Change::ended);
  ASSERT_EQ(browser.lines.size(), 3U) << "two parts and the bound cookie";
  EXPECT_EQ(browser.lines[2], "s-bound=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
  EXPECT_EQ(browser.header, "");
}

// The browser could make it good again.
TEST_F(BoundSessions, AreRevokedByALogoutWithoutTheirBoundCookie) {
  bind();
  Session& session = browser.ask(kNow + 670);
  ASSERT_EQ(session.reason(), Error::unbound);
  session.end();
  EXPECT_EQ(browser.answer(), Change::ended);
  ASSERT_TRUE(session.revocation());
  EXPECT_EQ(std::string_view(session.revocation()->sid.data(), kSidSize), bound_sid);
}

TEST_F(BoundSessions, AreRevokedByATextWithoutFieldsWithoutTheirBoundCookie) {
  bind();
  Session& session = browser.ask(kNow + 670);
  ASSERT_EQ(session.reason(), Error::unbound);
  bool ignored;
  ASSERT_TRUE(session.replace(browser.profile().terms(), {}, &ignored));
  EXPECT_EQ(browser.answer(), Change::ended);
  EXPECT_TRUE(session.revocation());
}

// The sid from before the binding: not revoked in the grace, in which requests are under way.
TEST_F(BoundSessions, TellWhenTheOneFromBeforeEnds) {
  const auto prior_of = [](const Session& session) {
    const auto& revocation = session.prior_revocation();
    EXPECT_TRUE(revocation);
    return revocation ? std::string(revocation->sid.data(), kSidSize) : std::string();
  };
  bind();
  Session& session = browser.ask(kNow + 20);
  EXPECT_EQ(browser.answer(), Change::none);
  EXPECT_EQ(prior_of(session), sid);
  EXPECT_EQ(session.prior_revocation()->revoked_at, kNow + 70);
  EXPECT_EQ(session.prior_revocation()->until, kNow + 20 + 1800 + 60);

  EXPECT_TRUE(browser.ask(kNow + 30).set("cart", "1"));
  const std::string header = browser.header;
  EXPECT_EQ(browser.answer(), Change::changed);
  EXPECT_EQ(session.prior_revocation()->revoked_at, kNow + 70);
  EXPECT_EQ(browser.field("prior"), sid) << "it is still needed";

  browser.header = header;
  browser.ask(kNow + 40).end();
  EXPECT_EQ(browser.answer(), Change::ended);
  EXPECT_EQ(session.prior_revocation()->revoked_at, kNow + 40);
  EXPECT_EQ(prior_of(session), sid);

  browser.header = header;
  EXPECT_EQ(browser.sign_in(kNow + 40, "bob"), Change::started);
  EXPECT_EQ(session.prior_revocation()->revoked_at, kNow + 40);

  browser.header = header;
  browser.ask(kNow + 70);
  EXPECT_EQ(browser.answer(), Change::renewed);
  EXPECT_EQ(session.prior_revocation()->revoked_at, kNow + 70);
  EXPECT_EQ(browser.field("prior"), "");
  browser.ask(kNow + 80);
  EXPECT_EQ(browser.answer(), Change::none);
  EXPECT_FALSE(session.prior_revocation());
}

// So that not each request has to look whether the one from before is revoked.
TEST_F(BoundSessions, AreRenewedWhenTheGraceOfTheOneFromBeforeIsOver) {
  bind();
  EXPECT_EQ(browser.ask(kNow + 69).state(), State::good);
  EXPECT_EQ(browser.ask(kNow + 70, false).state(), State::good) << "it is not kept alive";
  EXPECT_EQ(browser.ask(kNow + 70).state(), State::due);
  EXPECT_EQ(browser.answer(), Change::renewed);
  EXPECT_EQ(browser.ask(kNow + 200).state(), State::good);
}

TEST_F(BoundSessions, AreRequiredAfterTheGrace) {
  ProfileOptions options = kOptions;
  options.secure = true;
  Browser strict(*sealer, options);
  ASSERT_TRUE(strict.bind_profile({.required = true}));
  strict.sign_in(kNow, "alice");
  EXPECT_TRUE(strict.ask(kNow + 59).is_live());
  const Session& refused = strict.ask(kNow + 60);
  EXPECT_EQ(refused.reason(), Error::unbound);
  EXPECT_EQ(strict.answer(), Change::none);
  EXPECT_TRUE(strict.ask_to_bind(kNow + 60).is_live()) << "a registration may be late";
  EXPECT_TRUE(browser.ask(kNow + 60).set("cart", "1"));
  strict.header = "";
  ASSERT_TRUE(strict.ask(kNow).set("cart", "1"));
  strict.answer();
  EXPECT_TRUE(strict.ask(kNow + 600).is_live()) << "nobody has signed in";
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
