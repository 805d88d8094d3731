// SPDX-License-Identifier: Apache-2.0
// A list that an agent keeps: who is promised what, and a file that is damaged.
#include "agent/kept_list.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>

#include "support/revocations.h"

namespace sealring::agent {
namespace {

using revocation::entry_number;

struct KeptListTest : ::testing::Test {
  KeptListTest() {
    revocation::create_list(path_);
    list_ = KeptList::open(tested_driver(), path_, kNow).value();
  }

  bool file_has(const revocation::Entry& entry) const {
    const auto read = revocation::read_list_file(tested_driver(), path_, nullptr);
    return read && read->file.list->find(entry.hash);
  }
  // Looks at the file, as once a second.
  void look() { list_->tick(Milliseconds(0), ++second_); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "session.revoked";
  std::int64_t second_ = kNow;
  std::unique_ptr<KeptList> list_;
};

TEST_F(KeptListTest, NothingIsPromisedBeforeItIsInTheFile) {
  const auto entry = entry_number(1);
  std::optional<bool> was_there;
  list_->add("sid", entry, [&](const Explained<void>& written) {
    was_there = written.has_value() && file_has(entry);
  });
  EXPECT_FALSE(was_there);
  ASSERT_TRUE(list_->write(kNow));
  EXPECT_EQ(was_there, true);
  list_->add("sid", entry, {});
  list_->add_all({}, std::vector{entry_number(2)});
  EXPECT_EQ(list_->received_locally(), 1u) << "what it has is not new";
  EXPECT_EQ(list_->received_from_store(), 1u);
}

TEST_F(KeptListTest, WhatCannotBeWrittenIsNotPromisedAndStillWaits) {
  const auto entry = entry_number(1);
  std::optional<Explained<void>> outcome;
  list_->add("sid", entry, [&](const Explained<void>& written) { outcome = written; });
  write_text(path_, "torn", 0644);
  EXPECT_FALSE(list_->write(kNow));
  ASSERT_TRUE(outcome);
  EXPECT_FALSE(*outcome);
  look();
  ASSERT_TRUE(list_->write(kNow + 2));
  EXPECT_TRUE(file_has(entry));
}

TEST_F(KeptListTest, OneThatCannotBeInAListKeepsNoOtherOut) {
  std::size_t refused = 0, written = 0;
  for (std::uint64_t i = 0; i < revocation::kMaxNames + 2; ++i) {
    list_->add("n" + std::to_string(i), entry_number(i),
               [&](const Explained<void>& outcome) { ++(outcome ? written : refused); });
  }
  ASSERT_TRUE(list_->write(kNow));
  EXPECT_EQ(written, revocation::kMaxNames);
  EXPECT_EQ(refused, 2U);
}

TEST_F(KeptListTest, AFileThatIsDamagedGoneOrOlderIsWrittenAgain) {
  const std::string old = read_text(path_);
  const auto entry = entry_number(1);
  list_->add("sid", entry, {});
  ASSERT_TRUE(list_->write(kNow));
  const auto altered = [](std::string text) {
    text.back() = static_cast<char>(text.back() ^ 1);
    return text;
  };
  using Text = const std::string&;
  const std::function<std::string(Text)> damages[] = {
      [&](Text) { return old; },
      [&](Text good) { return altered(good); },  // the header stays
      [](Text good) { return good.substr(0, good.size() - 1); },
      [](Text good) { return good + "x"; },
      [](Text) { return std::string(); },
      [](Text) { return std::string(500, 'x'); },
  };
  for (const auto& damaged : damages) {
    write_text(path_, damaged(read_text(path_)), 0644);
    const std::uint64_t before = list_->list().header().generation;
    look();
    EXPECT_TRUE(file_has(entry));
    EXPECT_EQ(list_->list().header().generation, before + 1);
    EXPECT_EQ(list_->problem(), "");
  }
  std::filesystem::remove(path_);
  look();
  EXPECT_TRUE(file_has(entry));
}

TEST_F(KeptListTest, AnotherListOrOneThatOthersCanWriteIsReported) {
  ASSERT_EQ(chmod(path_.c_str(), 0666), 0);
  const std::string before = read_text(path_);
  look();
  EXPECT_NE(list_->problem().find("chmod"), std::string::npos);
  EXPECT_EQ(read_text(path_), before);
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  look();
  EXPECT_EQ(list_->problem(), "");
  std::filesystem::remove(path_);
  revocation::create_list(path_);
  const std::string other = read_text(path_);
  look();
  EXPECT_NE(list_->problem().find("another list"), std::string::npos);
  EXPECT_EQ(read_text(path_), other);
}

// A writer that knows nothing of the store makes the file look fresh.
TEST_F(KeptListTest, WithoutTheStoreTheFileOfAnotherWriterIsNotFresh) {
  const timespec times[2] = {{kNow - 500, 0}, {kNow - 500, 0}};
  ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  list_ = KeptList::open(tested_driver(), path_, kNow).value();
  list_->set_in_touch(false);
  revocation::revoke(path_, "user", "alice");
  look();
  struct stat stat{};
  ASSERT_EQ(::stat(path_.c_str(), &stat), 0);
  EXPECT_EQ(stat.st_mtim.tv_sec, kNow - 500);
}

}  // namespace
}  // namespace sealring::agent
