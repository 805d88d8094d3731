// SPDX-License-Identifier: Apache-2.0
// Sessions that mod_session keeps, and revocations.
#include <fcntl.h>
#include <gtest/gtest.h>

#include <string>

#include "session/session.h"
#include "support/revocations.h"
#include "support/sealers.h"

namespace sealring::session {
namespace {

class RevokedModSession : public ::testing::Test {
 protected:
  void SetUp() override {
    revocation::create_list(path_, 60);
    set_confirmed(kNow);
    sealer->use_revocations(revocation::Revocations::load(tested_driver(), path_).value(),
                            Stale::opens);
  }
  void revoke(std::string_view name, std::string_view value) {
    revocation::revoke(path_, name, value);
    set_confirmed(kNow);
    ASSERT_TRUE(sealer->refresh(++second_));
  }
  void set_confirmed(std::int64_t time) const {
    const timespec times[2] = {{time, 0}, {time, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  }

  Session& open(std::int64_t now, const std::string& token) {
    token_ = token;
    session = Session();
    opened_.assign(sealer->opened_size(token_.size()), 0);
    EXPECT_TRUE(session.open_token(terms, *sealer, now, true, token_, opened_));
    return session;
  }
  // The token, or "": there is nothing to seal.
  std::string save(std::int64_t now, std::string text) {
    given_ = std::move(text);
    bool ignored = false;
    EXPECT_TRUE(session.replace(
        terms, {reinterpret_cast<std::uint8_t*>(given_.data()), given_.size()}, &ignored));
    const auto change = session.prepare(terms, *sealer, now);
    EXPECT_TRUE(change);
    if (*change == Change::none) return {};
    sealed_.assign(session.seal_size(*sealer), 0);
    return std::string(session.seal_token(terms, *sealer, now, sealed_).value());
  }
  static std::string ending(std::int64_t seconds) {
    return "&expiry=" + std::to_string(seconds) + "000000";
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "list";
  std::int64_t second_ = kNow;
  std::unique_ptr<Sealer> sealer = sealer_of({xaes_key()});
  Terms terms{as_bytes("members"), "user", {}, true};
  Session session;

 private:
  std::string token_, given_;
  std::vector<std::uint8_t> opened_, sealed_;
};

TEST_F(RevokedModSession, IsRefusedAndNotSealedAgain) {
  const std::string token = save(kNow, "user=alice" + ending(kNow + 100));
  EXPECT_TRUE(open(kNow + 1, token).is_live());
  revoke("user", "alice");
  EXPECT_EQ(save(kNow + 1, "user=alice&role=admin"), "") << "it was revoked while it was used";
  EXPECT_EQ(session.reason(), Error::revoked);
  EXPECT_EQ(open(kNow + 1, token).reason(), Error::revoked);
  EXPECT_NE(save(kNow + 1, "user=alice"), "") << "a sign-in";
}

// mod_session_crypto did not write when a session began.
TEST_F(RevokedModSession, IsRefusedIfItsTokenDoesNotSayWhenItBegan) {
  const auto revocations = revocation::Revocations::load(tested_driver(), path_).value();
  sealer = sealer_of({apache_key()});
  sealer->use_revocations(revocations, Stale::opens);
  std::string old(sealer->sealed_size(64), '\0');
  old.resize(sealer
                 ->seal(kNow, 0, {}, as_bytes("user=alice"),
                        {reinterpret_cast<std::uint8_t*>(old.data()), old.size()})
                 ->size);
  EXPECT_TRUE(open(kNow + 10, old).is_live());
  const std::string written = save(kNow + 10, "user=alice");
  revoke("user", "alice");  // at kNow
  EXPECT_EQ(open(kNow + 10, old).reason(), Error::revoked);
  EXPECT_TRUE(open(kNow + 10, written).is_live()) << "its text says when it began";
}

// With a stale list mod_session has an empty session, and saves it whether it ends or not.
TEST_F(RevokedModSession, IsNotRevokedWhileItIsRefusedForAStaleList) {
  sealer->use_revocations(revocation::Revocations::load(tested_driver(), path_).value(),
                          Stale::refuses);
  const std::string token = save(kNow, "user=alice");
  ASSERT_EQ(open(kNow + 61, token).reason(), Error::revoked);
  EXPECT_EQ(save(kNow + 61, ""), "");
  EXPECT_FALSE(session.revocation());
  EXPECT_FALSE(session.is_over()) << "its cookie stays";
}

// Without its user, or without anything, it has ended.
TEST_F(RevokedModSession, IsRevokedWhenItEnds) {
  for (const char* const text : {"", "cart=7", "user=bob"}) {
    session = Session();
    const std::string token = save(kNow, "user=alice" + ending(kNow + 100));
    EXPECT_FALSE(session.revocation());
    open(kNow + 10, token);
    const std::string sid(session.fields().value("sid"));
    save(kNow + 10, text);
    ASSERT_TRUE(session.revocation()) << text;
    EXPECT_EQ(std::string_view(session.revocation()->sid.data(), kSidSize), sid);
    EXPECT_EQ(session.revocation()->revoked_at, kNow + 10);
    // As long as a copy can be good that was sealed at that time.
    EXPECT_EQ(session.revocation()->until, kNow + 10 + 100 + 60);
  }
}

TEST_F(RevokedModSession, IsRevokedUntilItsAbsoluteEndOrForEver) {
  session = Session();
  open(kNow + 10, save(kNow, "user=alice"));
  save(kNow + 10, "");
  EXPECT_EQ(session.revocation()->until, revocation::kEndOfTime);
  terms.ends.lifetime = 50;
  session = Session();
  open(kNow + 10, save(kNow, "user=alice"));
  save(kNow + 10, "");
  EXPECT_EQ(session.revocation()->until, kNow + 50 + 60);
}

TEST_F(RevokedModSession, IsRevokedForEverIfItsTokenDoesNotSayWhenItWasIssued) {
  sealer = sealer_of({apache_key()});
  sealer->use_revocations(revocation::Revocations::load(tested_driver(), path_).value(),
                          Stale::opens);
  open(kNow + 10, save(kNow, "user=alice" + ending(kNow + 100)));
  save(kNow + 10, "");
  EXPECT_EQ(session.revocation()->until, revocation::kEndOfTime);
}

TEST_F(RevokedModSession, KeepsItsEndWithAStaleList) {
  const std::string token = save(kNow, "user=alice" + ending(kNow + 100));
  open(kNow + 60, token);
  save(kNow + 60, "user=alice" + ending(kNow + 160));
  EXPECT_EQ(session.times().expires_at, kNow + 160);
  open(kNow + 61, token);
  save(kNow + 61, "user=alice" + ending(kNow + 161));
  EXPECT_EQ(session.times().expires_at, kNow + 100);
}

}  // namespace
}  // namespace sealring::session
