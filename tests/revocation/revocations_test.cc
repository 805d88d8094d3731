// SPDX-License-Identifier: Apache-2.0
// The list in use, and the file that it follows.
#include "revocation/revocations.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "support/forked.h"
#include "support/revocations.h"

namespace sealring::revocation {
namespace {

class RevocationsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    create_list(path_, 90);
    live_ = Revocations::load(tested_driver(), path_).value();
  }

  Explained<void> refresh() { return live_->refresh(++second_); }
  std::shared_ptr<const List> list() const { return live_->current()->list; }
  bool has(std::string_view name, std::string_view value) const {
    return list()
        ->find(hash_of(tested_driver(), list()->header().salt, name, value).value())
        .has_value();
  }

  // The file is refused, the message says why, and the list in use stays.
  void expect_refused(std::string_view why) {
    const auto before = list();
    const auto refused = refresh();
    ASSERT_FALSE(refused) << why;
    EXPECT_EQ(refused.error().error, Error::invalid_revocations);
    EXPECT_NE(refused.error().message.find(why), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find(path_), std::string::npos) << refused.error().message;
    EXPECT_NE(refused.error().message.find("stays in use"), std::string::npos);
    EXPECT_EQ(list(), before);
    EXPECT_TRUE(refresh()) << "it is reported once";
    EXPECT_EQ(list(), before);
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "list";
  std::shared_ptr<Revocations> live_;
  std::int64_t second_ = kNow;
};

TEST_F(RevocationsTest, ANewGenerationIsFollowed) {
  EXPECT_FALSE(has("user", "alice"));
  revoke(path_, "user", "alice");
  EXPECT_FALSE(has("user", "alice"));
  EXPECT_TRUE(refresh());
  EXPECT_TRUE(has("user", "alice"));
}

// An agent confirms a list every few seconds, and it may have millions of entries.
TEST_F(RevocationsTest, AConfirmationIsNoticedAndTheEntriesAreNotReadAgain) {
  const auto before = list();
  const timespec times[2] = {{kNow - 100, 0}, {kNow - 100, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  EXPECT_TRUE(refresh());
  EXPECT_EQ(list(), before);
  EXPECT_EQ(live_->current()->confirmed_at, kNow - 100);
  EXPECT_FALSE(live_->current()->is_stale(kNow - 10));
  EXPECT_TRUE(live_->current()->is_stale(kNow - 9));
}

TEST_F(RevocationsTest, WithoutABoundNothingIsStale) {
  create_list(folder_ / "other", 0);
  const auto live = Revocations::load(tested_driver(), folder_ / "other").value();
  EXPECT_FALSE(live->current()->is_stale(INT64_MAX));
}

TEST_F(RevocationsTest, AnotherListIsRefused) {
  revoke(path_, "user", "alice");
  ASSERT_TRUE(refresh());
  create_list(folder_ / "new");
  revoke(folder_ / "new", "user", "bob");
  revoke(folder_ / "new", "user", "carol");
  std::filesystem::rename(folder_ / "new", path_);
  expect_refused("another list");
  EXPECT_TRUE(has("user", "alice"));
  const auto reloaded = Revocations::load(tested_driver(), path_);
  ASSERT_TRUE(reloaded) << "a reload begins anew";
}

TEST_F(RevocationsTest, AnOlderListIsRefused) {
  const std::string old = read_text(path_);
  revoke(path_, "user", "alice");
  ASSERT_TRUE(refresh());
  replace_text(path_, old, 0644);
  expect_refused("older than the list in use");
  EXPECT_TRUE(has("user", "alice"));
}

// Two agents that changed it at once, say.
TEST_F(RevocationsTest, AnotherListOfTheSameGenerationIsRefused) {
  std::filesystem::copy(path_, folder_ / "other");
  revoke(path_, "user", "alice");
  ASSERT_TRUE(refresh());
  revoke(folder_ / "other", "user", "bob");
  std::filesystem::rename(folder_ / "other", path_);
  expect_refused("generation is 2");
}

TEST_F(RevocationsTest, WhatOthersCanChangeIsRefused) {
  revoke(path_, "user", "alice");
  for (const mode_t mode : {0664U, 0646U, 0666U, 0620U}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    expect_refused("chmod go-w");
  }
  for (const mode_t mode : {0644U, 0600U, 0444U, 0755U}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    EXPECT_TRUE(refresh()) << mode;
    EXPECT_TRUE(has("user", "alice"));
  }
}

TEST_F(RevocationsTest, AFileThatIsGoneOrNoneIsRefused) {
  const std::string text = read_text(path_);
  std::filesystem::remove(path_);
  expect_refused("No such file");
  std::filesystem::create_directory(path_);
  expect_refused("not a regular file");
  std::filesystem::remove(path_);
  ASSERT_EQ(mkfifo(path_.c_str(), 0644), 0);
  expect_refused("not a regular file");
  std::filesystem::remove(path_);
  write_text(path_, "", 0644);
  expect_refused("empty");
  write_text(path_, text.substr(0, 79), 0644);
  expect_refused("not a revocation list");
  write_text(path_, text + "x", 0644);
  expect_refused("torn");
  std::string later = text;
  later[7] = 2;
  write_text(path_, later, 0644);
  expect_refused("version");
  write_text(path_, text, 0644);
  EXPECT_TRUE(refresh());
}

TEST_F(RevocationsTest, AFileThatIsTooLargeIsNotRead) {
  write_text(path_, read_text(path_), 0644);
  std::filesystem::resize_file(path_, kMaxListSize + 1);
  expect_refused("larger than any");
}

TEST_F(RevocationsTest, ADamagedListThatIsNewerIsRefused) {
  revoke(path_, "user", "alice");
  std::string text = read_text(path_);
  text.back() = static_cast<char>(text.back() ^ 1);
  replace_text(path_, text, 0644);
  expect_refused("checksum");
  EXPECT_EQ(list()->size(), 0U);
}

TEST_F(RevocationsTest, AtTheStartARefusedListIsAnError) {
  write_text(path_, "torn", 0644);
  const auto refused = Revocations::load(tested_driver(), path_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::invalid_revocations);
  EXPECT_NE(refused.error().message.find(path_), std::string::npos);
}

TEST_F(RevocationsTest, AForkedChildFollowsTheListAndSharesWhatIsRevokedHere) {
  const SharedArray<std::uint64_t> memory(Pending::size_for(10) / 8 + 1);
  ASSERT_TRUE(live_->share(
      {reinterpret_cast<std::uint8_t*>(memory.span().data()), memory.span().size_bytes()}));
  revoke(path_, "user", "alice");
  Child([&] {
    EXPECT_TRUE(refresh());
    EXPECT_TRUE(has("user", "alice"));
    auto pending = live_->pending().value();
    EXPECT_TRUE(pending.add(entry_number(0), *list(), kNow));
  }).wait();
  EXPECT_FALSE(has("user", "alice")) << "each process looks for itself";
  EXPECT_TRUE(live_->pending()->find(hash_number(0)));
}

}  // namespace
}  // namespace sealring::revocation
