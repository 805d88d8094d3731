// SPDX-License-Identifier: Apache-2.0
// Makes each allocation of each load-time call fail in turn: the call reports it, leaks nothing,
// and works once there is memory again.
#include <gtest/gtest.h>
#include <sealring/session.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <tuple>

#include "support/malloc.h"
#include "support/revocations.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

struct Call {
  std::function<sealring_status(sealring_error*)> run;
  std::function<void(bool done)> check;  // checks the result and frees it
};

void fail_each_allocation(const Call& call) {
  for (const bool for_good : {false, true}) {  // the later ones fail, too
    std::size_t failures = 0;
    for (std::size_t passes = 0;; ++passes) {
      sealring_error error = SEALRING_INIT(sealring_error);
      sealring_status status;
      bool failed;
      {
        const FailingAllocation failing(passes, for_good);
        status = call.run(&error);
        failed = failing.has_failed();
      }
      call.check(status == SEALRING_OK);
      if (!failed) {
        EXPECT_EQ(status, SEALRING_OK) << error.message;
        break;
      }
      if (status == SEALRING_OK) continue;  // some libraries cope
      ++failures;
      EXPECT_EQ(error.status, status);
      EXPECT_NE(error.message[0], '\0') << sealring_status_name(status);
      ASSERT_LT(passes, 20000U) << "it does not end";
    }
    EXPECT_GT(failures, 0U);
  }
}

struct MemoryFaults : ::testing::Test {
  void SetUp() override {
    ASSERT_EQ(sealring_keyring_file_init(path_.c_str(), "XAES-256-GCM", 0, nullptr, nullptr),
              SEALRING_OK);
    std::memset(secret_, 7, sizeof secret_);
    for (sealring_key& key : keys_) {
      key = SEALRING_INIT(sealring_key);
      key.secret = secret_;
    }
    keys_[0].algorithm = "nginx-legacy";
    keys_[0].secret_size = 32;
    keys_[1].algorithm = "apache-aes256";
    keys_[1].secret_size = 20;
  }

  void load_with_old_keys() {
    sealring_keyring* of_file = nullptr;
    ASSERT_EQ(sealring_keyring_load(path_.c_str(), &of_file, nullptr), SEALRING_OK);
    ASSERT_EQ(sealring_keyring_extend(of_file, keys_, 2, &ring_, nullptr), SEALRING_OK);
    sealring_keyring_free(of_file);
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring";
  std::uint8_t secret_[32];
  sealring_key keys_[2];
  sealring_keyring* ring_ = nullptr;
  sealring_keyring* extended_ = nullptr;
  sealring_sealer* sealer_ = nullptr;
};

TEST_F(MemoryFaults, OfMakingARing) {
  fail_each_allocation(
      {[&](sealring_error* error) { return sealring_keyring_from_keys(keys_, 2, &ring_, error); },
       [&](bool done) {
         EXPECT_EQ(ring_ != nullptr, done);
         sealring_keyring_free(ring_);
       }});
}

TEST_F(MemoryFaults, OfLoadingARing) {
  fail_each_allocation(
      {[&](sealring_error* error) { return sealring_keyring_load(path_.c_str(), &ring_, error); },
       [&](bool done) {
         EXPECT_EQ(ring_ != nullptr, done);
         sealring_keyring_free(ring_);
       }});
}

TEST_F(MemoryFaults, OfExtendingARing) {
  ASSERT_EQ(sealring_keyring_load(path_.c_str(), &ring_, nullptr), SEALRING_OK);
  fail_each_allocation({[&](sealring_error* error) {
                          return sealring_keyring_extend(ring_, keys_, 2, &extended_, error);
                        },
                        [&](bool done) {
                          EXPECT_EQ(extended_ != nullptr, done);
                          sealring_keyring_free(extended_);
                        }});
  sealring_keyring_free(ring_);
}

TEST_F(MemoryFaults, OfMakingASealer) {
  load_with_old_keys();
  fail_each_allocation(
      {[&](sealring_error* error) { return sealring_sealer_new(ring_, nullptr, &sealer_, error); },
       [&](bool done) {
         EXPECT_EQ(sealer_ != nullptr, done);
         sealring_sealer_free(sealer_);
       }});
  sealring_keyring_free(ring_);
}

TEST_F(MemoryFaults, OfLoadingAndFollowingARevocationList) {
  const std::string list = folder_ / "list";
  revocation::create_list(list);
  sealring_revocations* revocations = nullptr;
  fail_each_allocation({[&](sealring_error* error) {
                          return sealring_revocations_load(list.c_str(), &revocations, error);
                        },
                        [&](bool done) {
                          EXPECT_EQ(revocations != nullptr, done);
                          sealring_revocations_free(revocations);
                        }});
  ASSERT_EQ(sealring_revocations_load(list.c_str(), &revocations, nullptr), SEALRING_OK);
  load_with_old_keys();
  ASSERT_EQ(sealring_sealer_new(ring_, nullptr, &sealer_, nullptr), SEALRING_OK);
  ASSERT_EQ(sealring_sealer_use_revocations(sealer_, revocations, 0), SEALRING_OK);
  const auto generation = [&] {
    sealring_revocations_info info = SEALRING_INIT(sealring_revocations_info);
    EXPECT_EQ(sealring_revocations_describe(revocations, kNow, &info), SEALRING_OK);
    return info.generation;
  };
  std::uint64_t written = 1;
  std::int64_t now = kNow;
  std::uint8_t token[200], buffer[200];
  sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
  sealring_opened opened = SEALRING_INIT(sealring_opened);
  const auto revoke_a_token = [&] {
    EXPECT_EQ(sealring_seal(sealer_, kNow, 0, nullptr, 0, "p", 1, token, 200, &sealed),
              SEALRING_OK);
    revocation::revoke(list, "token", sealed.id);
    ++written;
  };
  const auto open = [&] {
    return sealring_open(sealer_, now, nullptr, 0, token, sealed.token_size, buffer, 200, &opened);
  };
  revoke_a_token();
  EXPECT_EQ(open(), SEALRING_OK);
  fail_each_allocation(
      {[&](sealring_error* error) { return sealring_sealer_refresh(sealer_, ++now, error); },
       [&](bool done) {
         EXPECT_EQ(open(), done ? SEALRING_REVOKED : SEALRING_OK);
         // The next second tries again, without another change of the file.
         EXPECT_EQ(sealring_sealer_refresh(sealer_, ++now, nullptr), SEALRING_OK);
         EXPECT_EQ(open(), SEALRING_REVOKED);
         EXPECT_EQ(generation(), written);
         revoke_a_token();
       }});
  sealring_sealer_free(sealer_);
  sealring_revocations_free(revocations);
  sealring_keyring_free(ring_);
}

// The ring in use stays, and seals and opens.
TEST_F(MemoryFaults, OfFollowingTheFile) {
  load_with_old_keys();
  ASSERT_EQ(sealring_sealer_new(ring_, nullptr, &sealer_, nullptr), SEALRING_OK);
  const std::string other = folder_ / "other";
  char kids[2][SEALRING_KID_SIZE];
  sealring_key_info infos[3];
  std::size_t count = 0;
  infos[0].size = sizeof infos[0];
  ASSERT_EQ(sealring_keyring_list(ring_, kNow, infos, 3, &count, nullptr), SEALRING_OK);
  std::memcpy(kids[0], infos[0].kid, sizeof kids[0]);
  ASSERT_EQ(sealring_keyring_file_init(other.c_str(), "XAES-256-GCM", 0, kids[1], nullptr),
            SEALRING_OK);
  const std::string texts[] = {read_text(path_), read_text(other)};
  std::int64_t now = kNow;
  std::size_t in_file = 1, in_use = 0;
  replace_text(path_, texts[in_file]);
  fail_each_allocation(
      {[&](sealring_error* error) { return sealring_sealer_refresh(sealer_, ++now, error); },
       [&](bool done) {
         if (done) in_use = in_file;
         std::uint8_t token[200], buffer[200];
         sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
         EXPECT_EQ(sealring_seal(sealer_, now, 60, nullptr, 0, "p", 1, token, 200, &sealed),
                   SEALRING_OK);
         sealring_opened opened = SEALRING_INIT(sealring_opened);
         EXPECT_EQ(sealring_open(sealer_, now, nullptr, 0, token, sealed.token_size, buffer, 200,
                                 &opened),
                   SEALRING_OK);
         EXPECT_STREQ(opened.kid, kids[in_use]);
         // The next second tries again, without another change of the file.
         EXPECT_EQ(sealring_sealer_refresh(sealer_, ++now, nullptr), SEALRING_OK);
         EXPECT_EQ(sealring_seal(sealer_, now, 60, nullptr, 0, "p", 1, token, 200, &sealed),
                   SEALRING_OK);
         EXPECT_EQ(sealring_open(sealer_, now, nullptr, 0, token, sealed.token_size, buffer, 200,
                                 &opened),
                   SEALRING_OK);
         EXPECT_STREQ(opened.kid, kids[in_file]);
         in_use = in_file;
         in_file = 1 - in_file;
         replace_text(path_, texts[in_file]);
       }});
  sealring_sealer_free(sealer_);
  sealring_keyring_free(ring_);
}

TEST_F(MemoryFaults, OfChangingTheFile) {
  const std::string before = read_text(path_);
  const std::function<sealring_status(sealring_error*)> changes[] = {
      [&](auto* error) { return sealring_keyring_file_add(path_.c_str(), keys_, nullptr, error); },
      [&](auto* error) {
        return sealring_keyring_file_rotate(path_.c_str(), kNow, 60, 60, nullptr, error);
      },
      [&](auto* error) { return sealring_keyring_file_prune(path_.c_str(), kNow, nullptr, error); },
  };
  for (const auto& change : changes) {
    fail_each_allocation({change, [&](bool done) {
                            EXPECT_TRUE(done || read_text(path_) == before);
                            EXPECT_EQ(folder_.file_count(), 1U);
                            EXPECT_EQ(sealring_keyring_load(path_.c_str(), &ring_, nullptr),
                                      SEALRING_OK);
                            sealring_keyring_free(ring_);
                            replace_text(path_, before);
                          }});
  }
}

TEST_F(MemoryFaults, OfInspecting) {
  const std::string token = "s1." + std::string(120, 'A');
  for (std::size_t passes = 0;; ++passes) {
    sealring_token_info info = SEALRING_INIT(sealring_token_info);
    const FailingAllocation failing(passes, true);
    const auto status = sealring_inspect(token.data(), token.size(), &info);
    if (!failing.has_failed()) {
      EXPECT_EQ(status, SEALRING_OK);
      break;
    }
    EXPECT_TRUE(status == SEALRING_OUT_OF_MEMORY || status == SEALRING_CRYPTO_FAILURE)
        << sealring_status_name(status);
  }
}

}  // namespace
}  // namespace sealring
