// SPDX-License-Identifier: Apache-2.0
#include "keys/live_keyring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <thread>

#include "support/keys.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

class LiveKeyringTest : public ::testing::Test {
 protected:
  LiveKeyringTest() { write_text(path_, text_of(0)); }

  static std::string text_of(std::uint8_t first) { return ring_text({xaes_key(first)}); }

  void load(std::vector<Key> more = {}) {
    auto loaded = LiveKeyring::load(tested_driver(), path_);
    if (loaded && !more.empty()) loaded = LiveKeyring::extend(*loaded, std::move(more));
    ASSERT_TRUE(loaded) << loaded.error().message;
    live_ = *loaded;
  }

  // Each call is in another second.
  Explained<void> refresh() { return live_->refresh(++now_); }

  void expect_key(std::uint8_t first) const {
    EXPECT_EQ(live_->current()->keys()[0].kid, xaes_key(first).kid);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring.jwks";
  std::shared_ptr<LiveKeyring> live_;
  std::int64_t now_ = kNow;
};

TEST_F(LiveKeyringTest, ARingInMemoryNeverChanges) {
  live_ = LiveKeyring::make({xaes_key(0)}).value();
  const auto ring = live_->current();
  EXPECT_TRUE(refresh());
  EXPECT_EQ(live_->current(), ring);
  EXPECT_EQ(live_->generation(), 1U);
  EXPECT_FALSE(LiveKeyring::make({}));
}

TEST_F(LiveKeyringTest, AFileThatDoesNotChangeIsNotLoadedAgain) {
  load();
  const auto ring = live_->current();
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(refresh());
  EXPECT_EQ(live_->current(), ring);
  EXPECT_EQ(live_->generation(), 1U);
}

TEST_F(LiveKeyringTest, AChangedFileIsSwappedInWholeAndTheOldRingLivesOnWhileItIsUsed) {
  load();
  const auto old_ring = live_->current();
  replace_text(path_, text_of(1));
  const timespec times[] = {{1, 0}, {1234567890, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  EXPECT_TRUE(refresh());
  expect_key(1);
  EXPECT_EQ(live_->generation(), 2U);
  EXPECT_EQ(live_->written_at(), 1234567890);
  EXPECT_EQ(old_ring->keys()[0].secret, xaes_key(0).secret);
}

TEST_F(LiveKeyringTest, ExtendedItBeginsWithTheKeysInUseAndFollows) {
  load({legacy_key(7)});
  write_text(path_, "{");
  EXPECT_FALSE(refresh());
  const auto base = live_;
  live_ = LiveKeyring::extend(base, {legacy_key(8)}).value();
  const auto expect_keys = [this](std::uint8_t first) {
    const auto keys = live_->current()->keys();
    ASSERT_EQ(keys.size(), 3U);
    EXPECT_EQ(keys[0].secret, xaes_key(first).secret);
    EXPECT_EQ(keys[1].secret, legacy_key(7).secret);
    EXPECT_EQ(keys[2].secret, legacy_key(8).secret);
  };
  expect_keys(0);
  EXPECT_TRUE(refresh());  // the same fault was reported before
  expect_keys(0);
  replace_text(path_, text_of(1));
  EXPECT_TRUE(refresh());
  expect_keys(1);
  EXPECT_EQ(live_->generation(), 2U);
  EXPECT_EQ(base->current()->keys()[0].secret, xaes_key(1).secret) << "no one keeps the old key";
}

TEST_F(LiveKeyringTest, OneOfTwoThatExtendTheSameTellsOfAFault) {
  load();
  const auto base = live_;
  const auto one = LiveKeyring::extend(base, {legacy_key(7)}).value();
  const auto other = LiveKeyring::extend(base, {legacy_key(8)}).value();
  replace_text(path_, "{");
  EXPECT_FALSE(one->refresh(kNow));
  EXPECT_TRUE(other->refresh(kNow));
  replace_text(path_, text_of(1));
  EXPECT_TRUE(one->refresh(kNow + 1));
  EXPECT_TRUE(other->refresh(kNow + 1));
  EXPECT_EQ(one->current()->keys()[0].secret, xaes_key(1).secret);
  EXPECT_EQ(other->current()->keys()[0].secret, xaes_key(1).secret);
}

TEST_F(LiveKeyringTest, AFileThatDoesNotGoWithTheKeysBehindItIsRefused) {
  load();
  EXPECT_FALSE(LiveKeyring::extend(live_, {xaes_key(0)})) << "twice in one ring";
  live_ = LiveKeyring::extend(live_, {xaes_key(1)}).value();
  replace_text(path_, text_of(1));
  const auto refused = refresh();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find(path_), std::string::npos);
  EXPECT_NE(refused.error().message.find("stay in use"), std::string::npos);
  expect_key(0);
  EXPECT_TRUE(refresh()) << "told once";
  replace_text(path_, text_of(2));
  EXPECT_TRUE(refresh());
  expect_key(2);
}

TEST_F(LiveKeyringTest, LooksOnceASecond) {
  load();
  EXPECT_TRUE(live_->refresh(kNow));
  replace_text(path_, text_of(1));
  EXPECT_TRUE(live_->refresh(kNow));
  expect_key(0);
  EXPECT_TRUE(live_->refresh(kNow + 1));
  expect_key(1);
}

TEST_F(LiveKeyringTest, LooksAlsoWhenTheClockWasSetBack) {
  load();
  EXPECT_TRUE(live_->refresh(kNow));
  replace_text(path_, text_of(1));
  EXPECT_TRUE(live_->refresh(kNow - 3600));
  expect_key(1);
}

TEST_F(LiveKeyringTest, SeesAFileThatIsRewrittenInPlace) {
  load();
  const auto before = std::filesystem::last_write_time(path_);
  write_text(path_, ring_text({xaes_key(2), xaes_key(3)}));
  std::filesystem::last_write_time(path_, before);
  EXPECT_TRUE(refresh());
  expect_key(2);
}

TEST_F(LiveKeyringTest, SeesAFileOfTheSameSizeAndTime) {
  load();
  ASSERT_EQ(text_of(0).size(), text_of(1).size());
  const auto before = std::filesystem::last_write_time(path_);
  replace_text(path_, text_of(1));
  std::filesystem::last_write_time(path_, before);
  EXPECT_TRUE(refresh());
  expect_key(1);
}

TEST_F(LiveKeyringTest, SeesASymbolicLinkThatIsTurned) {
  replace_text(folder_ / "one", text_of(1));
  replace_text(folder_ / "two", text_of(2));
  std::filesystem::remove(path_);
  ASSERT_EQ(symlink("one", path_.c_str()), 0);
  load();
  expect_key(1);
  ASSERT_EQ(symlink("two", (folder_ / "next").c_str()), 0);
  std::filesystem::rename(folder_ / "next", path_);
  EXPECT_TRUE(refresh());
  expect_key(2);
}

TEST_F(LiveKeyringTest, ABadFileIsReportedOnceAndTheRingStays) {
  load();
  const auto ring = live_->current();
  replace_text(path_, "torn");
  const auto reported = refresh();
  ASSERT_FALSE(reported);
  EXPECT_EQ(reported.error().error, Error::invalid_keyring);
  EXPECT_NE(reported.error().message.find(path_), std::string::npos);
  EXPECT_NE(reported.error().message.find("stay in use"), std::string::npos);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(refresh());
  EXPECT_EQ(live_->current(), ring);
  EXPECT_EQ(live_->generation(), 1U);

  replace_text(path_, "torn again");
  EXPECT_FALSE(refresh());
  EXPECT_TRUE(refresh());
  replace_text(path_, text_of(1));
  EXPECT_TRUE(refresh());
  expect_key(1);
  EXPECT_EQ(live_->generation(), 2U);
}

TEST_F(LiveKeyringTest, EachKindOfBadFileIsRefused) {
  load();
  const auto ring = live_->current();
  for (const auto& [text, mode] : {std::pair<std::string, mode_t>{"", 0640},
                                   {R"({"keys":[]})", 0640},
                                   {text_of(1), 0644},
                                   {ring_text({xaes_key(1), xaes_key(1)}), 0640}}) {
    replace_text(path_, text, mode);
    EXPECT_FALSE(refresh()) << text;
    EXPECT_EQ(live_->current(), ring);
  }
  replace_text(path_, text_of(1), 0600);
  EXPECT_TRUE(refresh());
  expect_key(1);
}

TEST_F(LiveKeyringTest, OneThatIsRepairedByItsModeAloneIsTaken) {
  load();
  replace_text(path_, text_of(1), 0644);
  EXPECT_FALSE(refresh());
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  EXPECT_TRUE(refresh());
  expect_key(1);
}

TEST_F(LiveKeyringTest, AFileThatIsGoneIsReportedOnceAndTheRingStays) {
  load();
  std::filesystem::remove(path_);
  const auto reported = refresh();
  ASSERT_FALSE(reported);
  EXPECT_EQ(reported.error().error, Error::invalid_keyring);
  EXPECT_TRUE(refresh());
  expect_key(0);
  write_text(path_, text_of(1));
  EXPECT_TRUE(refresh());
  expect_key(1);
}

// The fault is not in the file and is gone as soon as a descriptor is free: the change must not be
// missed.
TEST_F(LiveKeyringTest, AChangeThatCouldNotBeReadForWantOfDescriptorsIsReadLater) {
  load();
  replace_text(path_, text_of(1));
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit none = {0, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
  EXPECT_FALSE(refresh());
  EXPECT_TRUE(refresh()) << "it is reported once";
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_TRUE(refresh());
  expect_key(1);
}

TEST_F(LiveKeyringTest, MoreKeysStandBehindThoseOfTheFileAndStay) {
  load({open_only(legacy_key())});
  ASSERT_EQ(live_->current()->keys().size(), 2U);
  replace_text(path_, ring_text({xaes_key(1), xaes_key(2)}));
  EXPECT_TRUE(refresh());
  const auto ring = live_->current();
  ASSERT_EQ(ring->keys().size(), 3U);
  EXPECT_EQ(ring->keys()[2].algorithm, Algorithm::nginx_legacy);

  replace_text(path_, R"({"keys":[]})");
  EXPECT_FALSE(refresh()) << "a file without keys is not a ring, whatever follows it";
}

TEST_F(LiveKeyringTest, LoadRefusesWithTheFilesName) {
  for (const std::string& text : {std::string(), std::string("torn"), std::string(R"({"keys":[]})"),
                                  ring_text({xaes_key(0), xaes_key(0)})}) {
    replace_text(path_, text);
    const auto refused = LiveKeyring::load(tested_driver(), path_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error, Error::invalid_keyring);
    EXPECT_NE(refused.error().message.find(path_), std::string::npos) << refused.error().message;
  }
  EXPECT_FALSE(LiveKeyring::load(tested_driver(), folder_ / "missing"));
}

TEST_F(LiveKeyringTest, OfManyThreadsOneIsToldOfABadFile) {
  load();
  for (int round = 0; round < 20; ++round) {
    replace_text(path_, "torn " + std::to_string(round));
    ++now_;
    std::atomic<int> told = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] { told += !live_->refresh(now_); });
      }
    }
    EXPECT_EQ(told, 1);
  }
}

TEST_F(LiveKeyringTest, ThreadsReadWhileTheRingChanges) {
  load();
  std::atomic<bool> stop = false;
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto ring = live_->current();
        if (ring->primary(kNow)->secret.size() != 32) ADD_FAILURE();
      }
    });
  }
  for (std::uint8_t round = 1; round < 100; ++round) {
    replace_text(path_, text_of(round));
    EXPECT_TRUE(refresh());
    expect_key(round);
  }
  stop = true;
}

}  // namespace
}  // namespace sealring
