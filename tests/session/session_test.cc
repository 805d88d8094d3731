// SPDX-License-Identifier: Apache-2.0
#include "session/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/browser.h"

namespace sealring::session {
namespace {

class Sessions : public ::testing::Test {
 protected:
  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  Browser browser{*sealer};
};

TEST_F(Sessions, AreNoneWithoutACookie) {
  EXPECT_EQ(browser.ask(kNow).state(), State::none);
  EXPECT_EQ(browser.answer(), Change::none);
  EXPECT_TRUE(browser.lines.empty());
}

TEST_F(Sessions, Start) {
  EXPECT_EQ(browser.sign_in(kNow, "alice"), Change::started);
  ASSERT_EQ(browser.lines.size(), 1U);
  EXPECT_TRUE(browser.lines[0].ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=1800"));

  const Session& session = browser.ask(kNow + 10);
  EXPECT_EQ(session.state(), State::good);
  EXPECT_EQ(browser.field("user"), "alice");
  EXPECT_EQ(browser.field("auth_time"), std::to_string(kNow));
  EXPECT_EQ(browser.field("sid").size(), kSidSize);
  EXPECT_EQ(session.times().issued_at, kNow);
  EXPECT_EQ(session.times().expires_at, kNow + 1800);
  EXPECT_EQ(browser.answer(), Change::none);
}

TEST_F(Sessions, AreRenewedWithTheSameFields) {
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 200);
  const std::string sid = browser.field("sid");
  EXPECT_EQ(browser.answer(), Change::renewed);
  const Session& session = browser.ask(kNow + 1900);
  EXPECT_EQ(session.state(), State::due);
  EXPECT_EQ(browser.field("user"), "alice");
  EXPECT_EQ(browser.field("sid"), sid);
  EXPECT_EQ(browser.field("auth_time"), std::to_string(kNow));
}

TEST_F(Sessions, AreNotKeptAliveByPolling) {
  browser.sign_in(kNow, "alice");
  EXPECT_EQ(browser.ask(kNow + 1799, false).state(), State::good);
  EXPECT_EQ(browser.answer(), Change::none);
  EXPECT_EQ(browser.ask(kNow + 1800, false).state(), State::idle_end);
}

TEST_F(Sessions, MeetTheirIdleEnd) {
  browser.sign_in(kNow, "alice");
  const Session& session = browser.ask(kNow + 1800);
  EXPECT_EQ(session.state(), State::idle_end);
  EXPECT_EQ(session.reason(), Error::expired);
  EXPECT_EQ(session.times().auth_time, kNow);
  EXPECT_TRUE(session.fields().all().empty());
  EXPECT_EQ(browser.answer(), Change::ended);
  EXPECT_EQ(browser.header, "");
}

TEST_F(Sessions, MeetTheirAbsoluteEnd) {
  browser.sign_in(kNow, "alice");
  std::int64_t now = kNow;
  while (browser.ask(now).is_live()) {
    browser.answer();
    now += 600;
  }
  EXPECT_EQ(now, kNow + 43200);
  EXPECT_EQ(browser.ask(now).state(), State::absolute_end);
}

// An operator has shortened the lifetime of existing sessions.
TEST_F(Sessions, EndByTheLifetimeOfNow) {
  browser.sign_in(kNow, "alice");
  ProfileOptions shorter = kOptions;
  shorter.ends.lifetime = 100;
  Browser later(*sealer, shorter);
  later.header = browser.header;
  EXPECT_EQ(later.ask(kNow + 99).state(), State::good);
  EXPECT_EQ(later.ask(kNow + 100).state(), State::absolute_end);
}

TEST_F(Sessions, AreBoundToTheirContext) {
  browser.sign_in(kNow, "alice");
  ProfileOptions options = kOptions;
  options.context = "another";
  Browser other(*sealer, options);
  other.header = browser.header;
  const Session& session = other.ask(kNow);
  EXPECT_EQ(session.state(), State::refused);
  EXPECT_EQ(session.reason(), Error::authentication_failed);
  EXPECT_EQ(session.kid(), xaes_key().kid);
  EXPECT_EQ(other.answer(), Change::none) << "a refusal that is not final deletes nothing";
}

TEST_F(Sessions, AreNotTokensOfOldFormats) {
  const auto old = sealer_of({legacy_key()});
  std::string token = seal(*old, "user=eve");
  std::erase_if(token, [](char c) { return c == ';'; });
  const auto both = sealer_of({xaes_key(), open_only(legacy_key())});
  Browser thief(*both);
  // Without bytes that a Cookie header cannot contain.
  for (int tries = 0; token.find_first_of("; \t,") != std::string::npos && tries < 10000; ++tries) {
    token = seal(*old, "user=eve", "", kNow, static_cast<std::uint64_t>(tries + 1));
  }
  thief.header = "s=" + token;
  const Session& session = thief.ask(kNow);
  EXPECT_EQ(session.state(), State::refused);
  EXPECT_EQ(session.reason(), Error::unsupported);
  // Nor are they sealed with a key that makes such tokens.
  Browser unlucky(*old);
  Session& started = unlucky.ask(kNow);
  ASSERT_TRUE(started.set("user", "alice"));
  ASSERT_EQ(started.prepare(unlucky.profile().terms(), *old, kNow), Change::started);
  std::vector<std::uint8_t> buffer(started.seal_size(*old));
  EXPECT_EQ(started.seal(unlucky.profile(), *old, kNow, buffer).error(), Error::unsupported);
  EXPECT_EQ(started.cookie_count(), 0U);
}

TEST_F(Sessions, AreTextsOfFields) {
  browser.header = "s=" + seal(*sealer, "user=%zz", "s");
  EXPECT_EQ(browser.ask(kNow).reason(), Error::malformed);
}

// A session of mod_session without the module's fields.
TEST_F(Sessions, WithoutReservedFieldsCountFromTheirToken) {
  browser.header = "s=" + seal(*sealer, "user=alice", "s", kNow, 1800);
  const Session& session = browser.ask(kNow + 100);
  EXPECT_EQ(session.state(), State::good);
  EXPECT_EQ(session.times().auth_time, kNow);
  EXPECT_EQ(browser.field("sid"), "");
  browser.ask(kNow + 300);
  EXPECT_EQ(browser.answer(), Change::renewed);
  browser.ask(kNow + 301);
  EXPECT_EQ(browser.field("sid").size(), kSidSize);
  EXPECT_EQ(browser.field("auth_time"), std::to_string(kNow));
}

TEST_F(Sessions, HaveNoReservedFieldsOfAnotherForm) {
  for (const char* text :
       {"user=alice&sid=short", "user=alice&sid=AAAAAAAAAAAAAAAAAAAAA%2b", "user=alice&auth_time=x",
        "user=alice&auth_time=-1", "user=alice&auth_time=99999999999999999999"}) {
    browser.header = "s=" + seal(*sealer, text, "s");
    const Session& session = browser.ask(kNow + 1);
    EXPECT_TRUE(session.is_live()) << text;
    EXPECT_EQ(session.times().auth_time, kNow) << text;
    EXPECT_EQ(session.fields().all().size(), 1U) << text;
  }
}

TEST_F(Sessions, EndAsModSessionSays) {
  const std::string expiry = std::to_string(kNow + 100) + "000000";
  browser.header = "s=" + seal(*sealer, "user=alice&expiry=" + expiry, "s", kNow, 0);
  EXPECT_EQ(browser.ask(kNow + 99).state(), State::good);
  EXPECT_EQ(browser.ask(kNow + 100).state(), State::idle_end);
  ASSERT_TRUE(browser.ask(kNow + 50).set("role", "x"));
  browser.answer();
  browser.ask(kNow + 1000);
  EXPECT_EQ(browser.field("user"), "alice");
  EXPECT_EQ(browser.field("expiry"), "");
}

TEST_F(Sessions, TheNewestOfSeveralCookiesCounts) {
  const auto cookie = [&](const char* user, std::int64_t now) {
    return "s=" + seal(*sealer, std::string("user=") + user, "s", now, 1800) + "; ";
  };
  const std::string alice = cookie("alice", kNow), bob = cookie("bob", kNow + 1);
  const std::string over = cookie("carol", kNow - 4000), no = "s=x; ";
  for (const std::string& header :
       {alice + bob, bob + alice, over + bob + alice, no + alice + bob + over}) {
    browser.header = header;
    EXPECT_TRUE(browser.ask(kNow + 2).is_live());
    EXPECT_EQ(browser.field("user"), "bob") << header;
  }
  browser.header = no + over;
  EXPECT_EQ(browser.ask(kNow + 2).reason(), Error::malformed) << "the first one's";
  browser.header = over + no;
  EXPECT_EQ(browser.ask(kNow + 2).state(), State::idle_end);
}

TEST_F(Sessions, HaveANameForLogs) {
  std::array<char, kIdHashSize> hash;
  EXPECT_EQ(browser.ask(kNow).id_hash(*sealer, hash), "");
  browser.sign_in(kNow, "alice");
  const std::string name(browser.ask(kNow + 1).id_hash(*sealer, hash).value());
  EXPECT_EQ(name.size(), kIdHashSize);
  EXPECT_EQ(browser.field("sid").find(name), std::string::npos);
  browser.ask(kNow + 200);
  browser.answer();
  EXPECT_EQ(browser.ask(kNow + 201).id_hash(*sealer, hash), name);
  EXPECT_EQ(browser.ask(kNow + 9999).id_hash(*sealer, hash), name) << "also when it is over";
  browser.sign_in(kNow + 201, "bob");
  EXPECT_NE(browser.ask(kNow + 202).id_hash(*sealer, hash), name);
}

TEST_F(Sessions, HaveNoNameWhereTheRefusalOfAnotherCookieCounts) {
  browser.sign_in(kNow, "alice");
  browser.header = "s=x; " + browser.header;
  std::array<char, kIdHashSize> hash;
  const Session& session = browser.ask(kNow + 9999);
  EXPECT_EQ(session.state(), State::refused);
  EXPECT_EQ(session.id_hash(*sealer, hash), "");
}

TEST_F(Sessions, LeaveNoTextInTheBuffer) {
  const Profile profile = Profile::make(kOptions).value();
  Session& session = browser.ask(kNow);
  ASSERT_TRUE(session.set("user", "alice"));
  ASSERT_EQ(session.prepare(profile.terms(), *sealer, kNow), Change::started);
  const std::size_t size = session.fields().text_size();
  std::vector<std::uint8_t> buffer(session.seal_size(*sealer), 1);
  const MutableBytes small = MutableBytes(buffer).first(size - 1);
  EXPECT_EQ(session.seal(profile, *sealer, kNow, small).error(), Error::buffer_too_small);
  ASSERT_TRUE(session.seal(profile, *sealer, kNow, buffer));
  EXPECT_TRUE(std::ranges::all_of(Bytes(buffer).first(size), [](auto byte) { return byte == 0; }));
}

TEST_F(Sessions, AreCarriedByJwesToo) {
  const auto jwe = sealer_of({a256gcm_key()});
  Browser modern(*jwe);
  EXPECT_EQ(modern.sign_in(kNow, "alice"), Change::started);
  EXPECT_EQ(modern.ask(kNow + 1).state(), State::good);
}

}  // namespace
}  // namespace sealring::session
