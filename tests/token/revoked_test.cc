// SPDX-License-Identifier: Apache-2.0
// Tokens that a revocation list has.
#include <fcntl.h>
#include <gtest/gtest.h>

#include "support/revocations.h"
#include "support/sealers.h"

namespace sealring {
namespace {

using revocation::Revocations;

class RevokedTokens : public ::testing::Test {
 protected:
  void SetUp() override { use(0, Stale::opens); }

  void use(std::uint32_t max_staleness, Stale stale) {
    std::filesystem::remove(path_);
    revocation::create_list(path_, max_staleness);
    sealer_->use_revocations(Revocations::load(tested_driver(), path_).value(), stale);
  }
  void revoke(std::string_view name, std::string_view value, std::int64_t revoked_at = kNow) {
    revocation::revoke(path_, name, value, revoked_at);
    ASSERT_TRUE(sealer_->refresh(++second_));
  }
  std::string reason(std::string_view token, std::int64_t now = kNow) {
    return reason_of(*sealer_, token, "", now);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "list";
  std::int64_t second_ = kNow;
  std::unique_ptr<Sealer> sealer_ = sealer_of({xaes_key(), open_only(legacy_key())});
};

TEST_F(RevokedTokens, AreRefusedByTheirId) {
  const std::string token = seal(*sealer_, "payload"), other = seal(*sealer_, "payload");
  const std::string id = open(*sealer_, token).id;
  revoke("user", id);
  EXPECT_EQ(reason(token), "ok") << "a token has no fields";
  revoke("token", id, 0);
  EXPECT_EQ(reason(token), "revoked");
  EXPECT_EQ(reason(other), "ok");
}

TEST_F(RevokedTokens, SayWhenTheyWereIssuedAndNothingElse) {
  const std::string token = seal(*sealer_, "payload");
  revoke("", "");
  std::vector<std::uint8_t> buffer(sealer_->opened_size(token.size()), 0xa5);
  const auto opened = sealer_->open(kNow, {}, as_bytes(token), buffer);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().times.issued_at, std::uint64_t{kNow});
  EXPECT_EQ(opened.error().detail, nullptr);
  EXPECT_EQ(as_text(buffer).find("payload"), std::string_view::npos);
}

TEST_F(RevokedTokens, AreAllThatWereIssuedAtOrBeforeThen) {
  const std::string token = seal(*sealer_, "payload");
  const std::string later = seal(*sealer_, "payload", "", kNow + 1);
  revoke("", "", kNow - 1);
  EXPECT_EQ(reason(token), "ok");
  revoke("", "", kNow);
  EXPECT_EQ(reason(token), "revoked");
  EXPECT_EQ(reason(later), "ok");
}

TEST_F(RevokedTokens, AreThoseThatDoNotSayWhenTheyWereIssued) {
  const auto old = sealer_of({legacy_key()});
  const std::string token = seal(*old, "payload");
  EXPECT_EQ(reason(token), "ok");
  revoke("token", "anything");
  EXPECT_EQ(reason(token), "ok") << "it has no ID";
  revoke("", "", 1);
  EXPECT_EQ(reason(token), "revoked");
}

// What does not open is refused for that reason.
TEST_F(RevokedTokens, AreCheckedLast) {
  const std::string token = seal(*sealer_, "payload");
  revoke("", "");
  EXPECT_EQ(reason(token, kNow + 3600), "expired");
  EXPECT_EQ(reason_of(*sealer_, token, "another context"), "authentication_failed");
  EXPECT_EQ(reason(token.substr(1)), "malformed");
}

TEST_F(RevokedTokens, MayAllBeRefusedWithAStaleList) {
  const std::string token = seal(*sealer_, "payload");
  for (const Stale stale : {Stale::opens, Stale::refuses}) {
    use(60, stale);
    const timespec times[2] = {{kNow, 0}, {kNow, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
    ASSERT_TRUE(sealer_->refresh(++second_));
    EXPECT_EQ(reason(token, kNow + 60), "ok");
    EXPECT_EQ(reason(token, kNow + 61), stale == Stale::refuses ? "revoked" : "ok");
  }
  EXPECT_EQ(open(*sealer_, token, "", kNow + 61).detail, Sealer::kTooStale);
}

TEST_F(RevokedTokens, BothFilesAreReportedWhenBothAreRefused) {
  const std::string ring = folder_ / "ring";
  write_text(ring, ring_text({xaes_key()}));
  const auto sealer =
      Sealer::make(LiveKeyring::load(tested_driver(), ring).value(), tested_driver()).value();
  sealer->use_revocations(Revocations::load(tested_driver(), path_).value(), Stale::opens);
  write_text(ring, "torn");
  write_text(path_, "torn", 0644);
  const auto first = sealer->refresh(kNow);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().error, Error::invalid_keyring);
  const auto second = sealer->refresh(kNow);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().error, Error::invalid_revocations);
  EXPECT_TRUE(sealer->refresh(kNow + 1));
}

// If the hash cannot be calculated, nothing is opened.
TEST_F(RevokedTokens, AFailureOfTheDriverIsNoOpening) {
  ObservedDriver driver;
  const auto sealer = sealer_of({xaes_key()}, driver);
  sealer->use_revocations(Revocations::load(driver, path_).value(), Stale::opens);
  const std::string token = seal(*sealer, "payload");
  revocation::revoke(path_, "", "", kNow - 1);
  ASSERT_TRUE(sealer->refresh(kNow));
  EXPECT_EQ(reason_of(*sealer, token), "ok");
  driver.observed.fail(Call::sha_256, Error::crypto_failure);
  EXPECT_EQ(reason_of(*sealer, token), "crypto_failure");
}

}  // namespace
}  // namespace sealring
