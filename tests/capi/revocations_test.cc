// SPDX-License-Identifier: Apache-2.0
// Revocations by the C ABI, as a server uses it.
#include "support/revocations.h"

#include <gtest/gtest.h>
#include <sealring/session.h>

#include <string>
#include <vector>

namespace sealring {
namespace {

using revocation::kLater;

class CRevocations : public ::testing::Test {
 protected:
  void SetUp() override {
    revocation::create_list(path_);
    sealring_key key = SEALRING_INIT(sealring_key);
    const std::string secret(32, 's');
    key.algorithm = "XAES-256-GCM";
    key.secret = secret.data();
    key.secret_size = secret.size();
    ASSERT_EQ(sealring_keyring_from_keys(&key, 1, &ring_, nullptr), SEALRING_OK);
    sealring_session_options options = SEALRING_INIT(sealring_session_options);
    options.cookie = "s";
    options.idle = 1800;
    ASSERT_EQ(sealring_session_profile_new(&options, &profile_, nullptr), SEALRING_OK);
    ASSERT_EQ(sealring_sealer_new(ring_, nullptr, &sealer_, nullptr), SEALRING_OK);
    use(load());
  }
  void TearDown() override {
    sealring_sealer_free(sealer_);
    sealring_revocations_free(revocations_);
    sealring_session_profile_free(profile_);
    sealring_keyring_free(ring_);
  }

  sealring_revocations* load() const {
    sealring_revocations* loaded = nullptr;
    EXPECT_EQ(sealring_revocations_load(path_.c_str(), &loaded, nullptr), SEALRING_OK);
    return loaded;
  }

  // As a server does at its start, and again on a reload.
  void use(sealring_revocations* revocations) {
    sealring_revocations_free(revocations_);
    revocations_ = revocations;
    EXPECT_EQ(sealring_revocations_share(revocations_, memory_.data(), memory_.size() * 8),
              SEALRING_OK);
    EXPECT_EQ(sealring_sealer_use_revocations(sealer_, revocations_, 0), SEALRING_OK);
  }

  sealring_session* open(const std::string& cookie) {
    header_ = cookie;
    std::string rest(cookie.size(), '\0');
    session_ = sealring_session_init(session_memory_.data(), profile_);
    sealring_session_read_cookies(session_, header_.data(), header_.size(), rest.data());
    buffer_.assign(sealring_session_open_size(session_, sealer_), 0);
    EXPECT_EQ(sealring_session_open(session_, sealer_, kNow, 1, buffer_.data(), buffer_.size()),
              SEALRING_OK);
    return session_;
  }
  sealring_status reason(const std::string& cookie) {
    sealring_session_info info = SEALRING_INIT(sealring_session_info);
    EXPECT_EQ(sealring_session_describe(open(cookie), &info), SEALRING_OK);
    return info.reason;
  }
  std::int32_t prepare() {
    std::int32_t change = -1;
    EXPECT_EQ(sealring_session_prepare(session_, sealer_, kNow, &change), SEALRING_OK);
    return change;
  }
  std::string sign_in() {
    EXPECT_EQ(sealring_session_set(open(""), "user", 4, "alice", 5), SEALRING_OK);
    EXPECT_EQ(prepare(), SEALRING_CHANGE_STARTED);
    std::vector<char> sealed(sealring_session_seal_size(session_, sealer_));
    EXPECT_EQ(sealring_session_seal(session_, sealer_, kNow, sealed.data(), sealed.size()),
              SEALRING_OK);
    char line[SEALRING_COOKIE_SIZE];
    const std::string all(line, sealring_session_cookie(session_, 0, line));
    return all.substr(0, all.find(';'));
  }
  sealring_revocation sign_out(const std::string& cookie) {
    sealring_session_end(open(cookie));
    EXPECT_EQ(prepare(), SEALRING_CHANGE_ENDED);
    sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
    EXPECT_EQ(sealring_session_revocation(session_, sealer_, &revocation), SEALRING_OK);
    return revocation;
  }
  std::size_t unlisted() {
    sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
    std::size_t position = 0, count = 0;
    while (sealring_revocations_next(revocations_, kNow, &position, &revocation)) ++count;
    return count;
  }
  sealring_revocations_info describe(std::int64_t now = kNow) const {
    sealring_revocations_info info = SEALRING_INIT(sealring_revocations_info);
    EXPECT_EQ(sealring_revocations_describe(revocations_, now, &info), SEALRING_OK);
    return info;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "list";
  std::vector<std::uint64_t> memory_ =
      std::vector<std::uint64_t>(sealring_revocations_memory_size(10) / 8 + 1);
  std::vector<std::uint64_t> session_memory_ =
      std::vector<std::uint64_t>(sealring_session_size() / 8 + 1);
  sealring_keyring* ring_ = nullptr;
  sealring_session_profile* profile_ = nullptr;
  sealring_sealer* sealer_ = nullptr;
  sealring_revocations* revocations_ = nullptr;
  sealring_session* session_ = nullptr;
  std::string header_;
  std::vector<char> buffer_;
};

TEST_F(CRevocations, ALogoutIsRevokedAtOnceAndOverReloads) {
  const std::string cookie = sign_in();
  EXPECT_EQ(reason(cookie), SEALRING_OK);
  const sealring_revocation revocation = sign_out(cookie);
  EXPECT_STREQ(revocation.name, "sid");
  EXPECT_EQ(revocation.revoked_at, kNow);
  EXPECT_EQ(revocation.until, kNow + 1860);
  int lost = -1;
  EXPECT_EQ(sealring_revoke(revocations_, &revocation, kNow, &lost), SEALRING_OK);
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(reason(cookie), SEALRING_REVOKED);
  EXPECT_EQ(unlisted(), 1U);
  use(load());
  EXPECT_EQ(reason(cookie), SEALRING_REVOKED);
  EXPECT_EQ(describe().pending, 1U);
}

TEST_F(CRevocations, TheListIsFollowed) {
  const std::string cookie = sign_in();
  revocation::revoke(path_, "user", "alice");
  EXPECT_EQ(reason(cookie), SEALRING_OK);
  EXPECT_EQ(sealring_sealer_refresh(sealer_, kNow, nullptr), SEALRING_OK);
  EXPECT_EQ(reason(cookie), SEALRING_REVOKED);
  const sealring_revocations_info info = describe();
  EXPECT_EQ(info.generation, 2U);
  EXPECT_EQ(info.entries, 1U);
  EXPECT_EQ(info.written_at, kNow);
  EXPECT_EQ(info.max_staleness, 0);
  EXPECT_EQ(info.stale, 0);
}

TEST_F(CRevocations, ARefusedListIsNoRefusedRing) {
  const std::string cookie = sign_in();
  revocation::revoke(path_, "user", "alice");
  ASSERT_EQ(sealring_sealer_refresh(sealer_, kNow, nullptr), SEALRING_OK);
  replace_text(path_, "torn", 0644);
  sealring_error error = SEALRING_INIT(sealring_error);
  EXPECT_EQ(sealring_sealer_refresh(sealer_, kNow + 1, &error), SEALRING_INVALID_REVOCATIONS);
  EXPECT_NE(std::string(error.message).find(path_), std::string::npos) << error.message;
  EXPECT_EQ(sealring_sealer_refresh(sealer_, kNow + 2, &error), SEALRING_OK);
  EXPECT_EQ(reason(cookie), SEALRING_REVOKED);
}

TEST_F(CRevocations, AnAgentIsToldOfThem) {
  const sealring_revocation revocation = sign_out(sign_in());
  char message[SEALRING_REVOCATION_MESSAGE_SIZE];
  const std::string text(message, sealring_revocation_message(revocations_, &revocation, message));
  std::string path;
  for (const char c : path_) path += c == '/' ? std::string("%2f") : std::string(1, c);
  EXPECT_TRUE(text.starts_with("list=" + path + "&name=sid&hash=")) << text;
  EXPECT_TRUE(text.ends_with("&revoked_at=1800000000&until=1800001860")) << text;
  EXPECT_EQ(text.size(),
            std::string("list=&name=sid&hash=&revoked_at=1800000000&until=1800001860").size() +
                path.size() + 22);
}

TEST_F(CRevocations, AFullMemoryIsSaid) {
  sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
  revocation.revoked_at = kNow;
  revocation.until = kLater;
  int lost = 0, added = 0;
  for (; lost == 0 && added < 100; ++added) {
    revocation.hash[0] = static_cast<std::uint8_t>(added);
    ASSERT_EQ(sealring_revoke(revocations_, &revocation, kNow, &lost), SEALRING_OK);
  }
  EXPECT_GT(added, 10);
  EXPECT_EQ(lost, 1);
}

TEST_F(CRevocations, WhatIsNoneIsRefused) {
  sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
  char message[SEALRING_REVOCATION_MESSAGE_SIZE];
  const auto revoke = [&] { return sealring_revoke(revocations_, &revocation, kNow, nullptr); };
  EXPECT_EQ(revoke(), SEALRING_INVALID_ARGUMENT) << "nothing to revoke";
  EXPECT_EQ(sealring_revocation_message(revocations_, &revocation, message), 0U);
  for (const auto& [revoked_at, until] :
       {std::pair<std::int64_t, std::int64_t>{-1, kLater}, {kNow, -1}, {kNow, INT64_MAX}}) {
    revocation.revoked_at = revoked_at;
    revocation.until = until;
    EXPECT_EQ(revoke(), SEALRING_INVALID_ARGUMENT);
  }
  revocation.until = kLater;
  EXPECT_EQ(revoke(), SEALRING_OK);
  EXPECT_EQ(sealring_revoke(revocations_, &revocation, -1, nullptr), SEALRING_INVALID_ARGUMENT);
  revocation.size = 0;
  EXPECT_EQ(revoke(), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(sealring_revocations_share(revocations_, memory_.data(), 100),
            SEALRING_INVALID_ARGUMENT);
}

TEST_F(CRevocations, WithoutMemoryNothingCanBeRevokedHere) {
  sealring_revocations* const loaded = load();
  const sealring_revocation revocation = sign_out(sign_in());
  EXPECT_EQ(sealring_revoke(loaded, &revocation, kNow, nullptr), SEALRING_INVALID_ARGUMENT);
  sealring_revocations_free(loaded);
}

}  // namespace
}  // namespace sealring
