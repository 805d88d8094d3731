// SPDX-License-Identifier: Apache-2.0
// Sessions that were revoked, and those that a server has to revoke.
#include <fcntl.h>
#include <gtest/gtest.h>

#include "support/browser.h"
#include "support/revocations.h"

namespace sealring::session {
namespace {

using revocation::Revocations;

constexpr std::string_view kStalePhrase = Sealer::kTooStale;

class RevokedSessions : public ::testing::Test {
 protected:
  void SetUp() override { use(0, Stale::opens); }

  void use(std::uint32_t max_staleness, Stale stale) {
    std::filesystem::remove(path_);
    revocation::create_list(path_, max_staleness);
    live_ = Revocations::load(tested_driver(), path_).value();
    ASSERT_TRUE(live_->share(
        {reinterpret_cast<std::uint8_t*>(memory_.data()), memory_.size() * sizeof(std::uint64_t)}));
    sealer->use_revocations(live_, stale);
  }

  // As another program does.
  void revoke(std::string_view name, std::string_view value, std::int64_t revoked_at = kNow) {
    revocation::revoke(path_, name, value, revoked_at);
    refresh();
  }
  void refresh() { ASSERT_TRUE(sealer->refresh(++second_)); }

  // As this server does.
  void revoke_here(const Revocation& revocation) {
    const std::string_view sid(revocation.sid.data(), revocation.sid.size());
    const auto hash = sealer->revoked()->hash("sid", sid).value();
    auto pending = live_->pending().value();
    pending.add({hash, revocation.revoked_at, revocation.until}, *live_->current()->list, kNow);
  }

  void set_modified(std::int64_t time) const {
    const timespec times[2] = {{time, 0}, {time, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  }

  void expect_good(std::int64_t now = kNow + 1) { EXPECT_TRUE(browser.ask(now).is_live()); }
  void expect_revoked(std::int64_t now = kNow + 1) {
    const Session& session = browser.ask(now);
    EXPECT_EQ(session.state(), State::refused);
    EXPECT_EQ(session.reason(), Error::revoked);
    EXPECT_TRUE(session.fields().all().empty());
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "list";
  std::vector<std::uint64_t> memory_ =
      std::vector<std::uint64_t>(revocation::Pending::size_for(10) / 8 + 1);
  std::shared_ptr<Revocations> live_;
  std::int64_t second_ = kNow;
  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  Browser browser{*sealer};
};

TEST_F(RevokedSessions, AreRefusedByTheirSid) {
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 1);
  const std::string sid = browser.field("sid");
  revoke("sid", "AAAAAAAAAAAAAAAAAAAAAA");
  expect_good();
  revoke("sid", sid);
  expect_revoked();
}

TEST_F(RevokedSessions, AreRefusedByAFieldWhateverTheCaseOfItsName) {
  browser.sign_in(kNow, "alice");
  revoke("user", "bob");
  revoke("tenant", "alice");
  expect_good();
  revoke("USER", "alice");
  expect_revoked();
}

TEST_F(RevokedSessions, AreRefusedWhenEverythingIs) {
  browser.sign_in(kNow, "alice");
  expect_good();
  revoke("", "");
  expect_revoked();
}

TEST_F(RevokedSessions, AreThoseThatSignedInAtOrBeforeThen) {
  browser.sign_in(kNow, "alice");
  revoke("user", "alice", kNow - 1);
  expect_good();
  revoke("user", "alice", kNow);
  expect_revoked();
  browser.sign_in(kNow + 1, "alice");
  expect_good(kNow + 2);
}

// The clock of the server where it began may have been ahead.
TEST_F(RevokedSessions, AreRefusedByTheirSidWheneverTheyBegan) {
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 1);
  revoke("sid", std::string(browser.field("sid")), kNow - 30);
  expect_revoked();
}

// A renewal is no sign-in.
TEST_F(RevokedSessions, StayRevokedWhenTheyWereRenewed) {
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 900);
  EXPECT_EQ(browser.answer(), Change::renewed);
  revoke("user", "alice", kNow + 10);
  expect_revoked(kNow + 901);
}

TEST_F(RevokedSessions, AreDeletedInTheBrowserAndKeepTheirNameInLogs) {
  browser.sign_in(kNow, "alice");
  std::array<char, kIdHashSize> before, after;
  ASSERT_EQ(browser.ask(kNow + 1).id_hash(*sealer, before)->size(), before.size());
  revoke("user", "alice");
  expect_revoked();
  Session& session = browser.ask(kNow + 1);
  EXPECT_EQ(session.times().auth_time, kNow);
  ASSERT_EQ(session.id_hash(*sealer, after)->size(), after.size());
  EXPECT_EQ(before, after);
  EXPECT_EQ(browser.answer(), Change::ended);
  EXPECT_FALSE(session.revocation());
  EXPECT_EQ(browser.header, "");
}

TEST_F(RevokedSessions, AreFollowedByNewOnes) {
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 1);
  const std::string sid = browser.field("sid");
  revoke("user", "alice");
  EXPECT_EQ(browser.sign_in(kNow + 1, "alice"), Change::started);
  expect_good(kNow + 2);
  EXPECT_NE(browser.field("sid"), sid);
}

// An expired one is `expired`.
TEST_F(RevokedSessions, AreCheckedLast) {
  browser.sign_in(kNow, "alice");
  revoke("user", "alice");
  EXPECT_EQ(browser.ask(kNow + 1800).state(), State::idle_end);
}

TEST_F(RevokedSessions, AreNotRenewedByAnAnswerThatWasUnderWay) {
  browser.sign_in(kNow, "alice");
  for (const bool is_changed : {false, true}) {
    Session& session = browser.ask(kNow + 900);
    ASSERT_EQ(session.state(), State::due);
    if (is_changed) {
      ASSERT_TRUE(session.set("role", "admin"));
    }
    revoke("user", "alice", kNow);
    EXPECT_EQ(session.prepare(browser.profile().terms(), *sealer, kNow + 900), Change::ended);
    EXPECT_EQ(session.reason(), Error::revoked);
    EXPECT_EQ(session.cookie_count(), 2U);
    use(0, Stale::opens);
  }
}

TEST_F(RevokedSessions, AreRevokedByAServerAtOnce) {
  browser.sign_in(kNow, "alice");
  const std::string copied = browser.header;
  Session& session = browser.ask(kNow + 1);
  session.end();
  EXPECT_FALSE(session.revocation());
  EXPECT_EQ(browser.answer(), Change::ended);
  ASSERT_TRUE(session.revocation());
  const Revocation needed = *session.revocation();
  EXPECT_EQ(needed.revoked_at, kNow + 1);
  EXPECT_EQ(needed.until, kNow + 1 + 1800 + 60);
  browser.header = copied;
  expect_good(kNow + 2);
  revoke_here(needed);
  expect_revoked(kNow + 2);
}

TEST_F(RevokedSessions, AreThoseOfAnotherSubjectBefore) {
  browser.sign_in(kNow, "alice");
  const std::string copied = browser.header;
  Session& session = browser.ask(kNow + 1);
  const std::string sid = browser.field("sid");
  ASSERT_TRUE(session.set("user", "bob"));
  EXPECT_EQ(browser.answer(), Change::started);
  ASSERT_TRUE(session.revocation());
  EXPECT_EQ(std::string_view(session.revocation()->sid.data(), kSidSize), sid);
  revoke_here(*session.revocation());
  expect_good(kNow + 2);
  browser.header = copied;
  expect_revoked(kNow + 2);
}

TEST_F(RevokedSessions, AreNoneIfNothingEnded) {
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 900);
  EXPECT_EQ(browser.answer(), Change::renewed);
  EXPECT_FALSE(session.revocation());
  browser.ask(kNow + 901).end();
  browser.header = "";
  browser.ask(kNow + 901).end();
  browser.answer();
  EXPECT_FALSE(session.revocation()) << "there was none";
  browser.sign_in(kNow, "alice");
  EXPECT_FALSE(session.revocation()) << "a first one";
  browser.ask(kNow + 1800).end();
  browser.answer();
  EXPECT_FALSE(session.revocation()) << "it had ended";
}

// The list's names do not matter for what was revoked here.
TEST_F(RevokedSessions, AreFoundInTheSharedMemoryBesideAList) {
  browser.sign_in(kNow, "alice");
  const std::string copied = browser.header;
  Session& session = browser.ask(kNow + 1);
  session.end();
  browser.answer();
  const Revocation needed = session.revocation().value();
  revoke("user", "bob");
  revoke("sid", "AAAAAAAAAAAAAAAAAAAAAA");
  browser.header = copied;
  expect_good();
  revoke_here(needed);
  expect_revoked();
}

TEST_F(RevokedSessions, AreNotRenewedWithAStaleList) {
  use(60, Stale::opens);
  set_modified(kNow + 840);
  refresh();
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 900);
  EXPECT_EQ(browser.answer(), Change::renewed);
  browser.sign_in(kNow, "bob");
  browser.ask(kNow + 901);
  EXPECT_EQ(browser.answer(), Change::none);
  set_modified(kNow + 841);
  refresh();
  browser.ask(kNow + 901);
  EXPECT_EQ(browser.answer(), Change::renewed);
}

TEST_F(RevokedSessions, ThatChangeWithAStaleListKeepTheirEnd) {
  use(60, Stale::opens);
  set_modified(kNow);
  refresh();
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 900);
  ASSERT_TRUE(session.set("role", "admin"));
  EXPECT_EQ(browser.answer(), Change::changed);
  EXPECT_EQ(session.times().expires_at, kNow + 1800);
  EXPECT_EQ(browser.sign_in(kNow + 900, "bob"), Change::started);
  EXPECT_EQ(session.times().expires_at, kNow + 2700) << "a new one has the whole time";
}

TEST_F(RevokedSessions, MayAllBeRefusedWithAStaleListButAreNotDeleted) {
  use(60, Stale::refuses);
  set_modified(kNow + 10);
  refresh();
  browser.sign_in(kNow, "alice");
  expect_good(kNow + 70);
  expect_revoked(kNow + 71);
  EXPECT_EQ(browser.ask(kNow + 71).detail(), kStalePhrase);
  EXPECT_EQ(browser.answer(), Change::none);
  set_modified(kNow + 71);
  refresh();
  expect_good(kNow + 71);
}

// It would be good again with the next list.
TEST_F(RevokedSessions, AreRevokedByALogoutWhileTheListIsStale) {
  use(60, Stale::refuses);
  set_modified(kNow);
  refresh();
  browser.sign_in(kNow, "alice");
  browser.ask(kNow + 1);
  const std::string sid = browser.field("sid");
  Session& session = browser.ask(kNow + 61);
  ASSERT_EQ(session.detail(), kStalePhrase);
  session.end();
  EXPECT_EQ(browser.answer(), Change::ended);
  ASSERT_TRUE(session.revocation());
  EXPECT_EQ(std::string_view(session.revocation()->sid.data(), kSidSize), sid);
  EXPECT_EQ(session.revocation()->until, kNow + 61 + 1800 + 60);
}

TEST_F(RevokedSessions, AreRevokedByATextWithoutFieldsWhileTheListIsStale) {
  use(60, Stale::refuses);
  set_modified(kNow);
  refresh();
  browser.sign_in(kNow, "alice");
  Session& session = browser.ask(kNow + 61);
  ASSERT_EQ(session.detail(), kStalePhrase);
  bool ignored;
  ASSERT_TRUE(session.replace(browser.profile().terms(), {}, &ignored));
  EXPECT_EQ(browser.answer(), Change::ended);
  EXPECT_TRUE(session.revocation());
}

}  // namespace
}  // namespace sealring::session
