// SPDX-License-Identifier: Apache-2.0
// Each allocation of each load-time call fails in turn: the call says so and leaves nothing behind,
// and works when there is memory again.
#include <gtest/gtest.h>
#include <sealring/sealring.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <tuple>

#include "support/malloc.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

struct Call {
  std::function<sealring_status(sealring_error*)> run;
  std::function<void(bool done)> check;  // what there is, and nothing else; frees it
};

void fail_each_allocation(const Call& call) {
  for (const bool for_good : {false, true}) {  // all that follow it fail, too
    std::size_t failures = 0;
    for (std::size_t passes = 0;; ++passes) {
      sealring_error error;
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
      if (status == SEALRING_OK) continue;  // some libraries can do without
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
    keys_[0] = {"nginx-legacy", secret_, 32, nullptr, 0, 0, 0, 0};
    keys_[1] = {"apache-aes256", secret_, 20, nullptr, 0, 0, 0, 0};
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring";
  std::uint8_t secret_[32];
  sealring_key keys_[2];
  sealring_keyring* ring_ = nullptr;
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
  fail_each_allocation({[&](sealring_error* error) {
                          return sealring_keyring_load(path_.c_str(), keys_, 2, &ring_, error);
                        },
                        [&](bool done) {
                          EXPECT_EQ(ring_ != nullptr, done);
                          sealring_keyring_free(ring_);
                        }});
}

TEST_F(MemoryFaults, OfMakingASealer) {
  ASSERT_EQ(sealring_keyring_load(path_.c_str(), keys_, 2, &ring_, nullptr), SEALRING_OK);
  fail_each_allocation(
      {[&](sealring_error* error) { return sealring_sealer_new(ring_, nullptr, &sealer_, error); },
       [&](bool done) {
         EXPECT_EQ(sealer_ != nullptr, done);
         sealring_sealer_free(sealer_);
       }});
  sealring_keyring_free(ring_);
}

// The ring in use stays, and seals and opens.
TEST_F(MemoryFaults, OfFollowingTheFile) {
  ASSERT_EQ(sealring_keyring_load(path_.c_str(), keys_, 2, &ring_, nullptr), SEALRING_OK);
  ASSERT_EQ(sealring_sealer_new(ring_, nullptr, &sealer_, nullptr), SEALRING_OK);
  const std::string other = folder_ / "other";
  char kids[2][SEALRING_KID_SIZE];
  sealring_key_info info;
  ASSERT_EQ(sealring_keyring_key(ring_, 0, kNow, &info), SEALRING_OK);
  std::memcpy(kids[0], info.kid, sizeof info.kid);
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
         std::size_t size = 0;
         EXPECT_EQ(sealring_seal(sealer_, now, 60, nullptr, 0, "p", 1, token, 200, &size),
                   SEALRING_OK);
         sealring_opened opened;
         EXPECT_EQ(sealring_open(sealer_, now, nullptr, 0, token, size, buffer, 200, &opened),
                   SEALRING_OK);
         EXPECT_STREQ(opened.kid, kids[in_use]);
         // A failure is made good in the next second, without another change of the file.
         EXPECT_EQ(sealring_sealer_refresh(sealer_, ++now, nullptr), SEALRING_OK);
         EXPECT_EQ(sealring_seal(sealer_, now, 60, nullptr, 0, "p", 1, token, 200, &size),
                   SEALRING_OK);
         EXPECT_EQ(sealring_open(sealer_, now, nullptr, 0, token, size, buffer, 200, &opened),
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
                            EXPECT_EQ(
                                sealring_keyring_load(path_.c_str(), nullptr, 0, &ring_, nullptr),
                                SEALRING_OK);
                            sealring_keyring_free(ring_);
                            replace_text(path_, before);
                          }});
  }
}

TEST_F(MemoryFaults, OfInspecting) {
  const std::string token = "s1." + std::string(120, 'A');
  for (std::size_t passes = 0;; ++passes) {
    sealring_token_info info;
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
