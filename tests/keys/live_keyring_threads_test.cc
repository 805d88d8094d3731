// SPDX-License-Identifier: Apache-2.0
// A ring that is followed by a process with threads, and by children of such a process.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "crypto/drivers.h"
#include "keys/live_keyring.h"
#include "support/forked.h"
#include "support/keys.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

class LiveKeyringThreads : public ::testing::Test {
 protected:
  LiveKeyringThreads() { write_text(path_, text_of(0)); }

  static std::string text_of(std::uint8_t first) { return ring_text({xaes_key(first)}); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring.jwks";
  std::atomic<std::int64_t> now_ = kNow;
};

// A key ring that a test controls.
class ScriptedKeyring final : public LiveKeyring {
 public:
  const std::string& path() const noexcept override { return path_; }
  std::shared_ptr<const Keyring> current() const noexcept override {
    const auto ring = ring_;
    if (std::exchange(slow_, false)) {
      begun_.count_down();
      end_.wait();
    }
    return ring;
  }
  std::int64_t written_at() const noexcept override { return 0; }
  std::uint64_t generation() const noexcept override { return generation_; }
  Explained<void> refresh(std::int64_t) override { return {}; }

  void change(std::uint8_t first, bool slow = false) {
    ring_ = ring_of({xaes_key(first)});
    slow_ = slow;
    ++generation_;
  }

  mutable std::latch begun_{1}, end_{1};  // begin and end of the slow call

 private:
  const std::string path_;
  std::shared_ptr<const Keyring> ring_ = ring_of({xaes_key(0)});
  mutable bool slow_ = false;
  std::atomic<std::uint64_t> generation_ = 1;
};

TEST(LiveKeyringExtension, NeverPutsAnOlderRingBack) {
  const auto base = std::make_shared<ScriptedKeyring>();
  const auto extended = LiveKeyring::extend(base, {legacy_key()}).value();
  const auto expect_key = [&](std::uint8_t first) {
    EXPECT_EQ(extended->current()->keys()[0].kid, xaes_key(first).kid);
  };
  base->change(1, true);
  std::jthread slow([&] { std::ignore = extended->refresh(kNow); });
  base->begun_.wait();
  base->change(2);
  EXPECT_TRUE(extended->refresh(kNow + 1)) << "it does not wait";
  expect_key(0);
  base->end_.count_down();
  slow.join();
  expect_key(1);
  EXPECT_TRUE(extended->refresh(kNow + 1));
  expect_key(2);
}

TEST_F(LiveKeyringThreads, AChildNeverHangs) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer's own allocator can hang in such a child";
#endif
  if (tested_driver().name() == "nss") {
    GTEST_SKIP() << "NSS has locks of its own, and must not be used across a fork";
  }
  const auto live = LiveKeyring::load(tested_driver(), path_).value();
  const auto extended = LiveKeyring::extend(live, {legacy_key()}).value();
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        std::ignore = find_driver(kDefaultDriver);
        std::ignore = extended->current();
        std::ignore = extended->refresh(++now_);
      }
    });
  }
  for (int i = 0; i < 100; ++i) {
    replace_text(path_, text_of(static_cast<std::uint8_t>(i)));
    Child([&] {
      alarm(60);
      EXPECT_TRUE(find_driver(kDefaultDriver));
      EXPECT_EQ(live->current()->keys().size(), 1U);
      EXPECT_EQ(extended->current()->keys().size(), 2U);
      EXPECT_TRUE(extended->refresh(++now_));
      EXPECT_EQ(extended->current()->keys()[0].kid, xaes_key(static_cast<std::uint8_t>(i)).kid);
      EXPECT_TRUE(LiveKeyring::load(tested_driver(), path_));
    });
    if (HasFailure()) break;
  }
  stop = true;
}

}  // namespace
}  // namespace sealring
