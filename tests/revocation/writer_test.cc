// SPDX-License-Identifier: Apache-2.0
#include "revocation/writer.h"

#include <gtest/gtest.h>

#include "revocation/list_file.h"
#include "support/forked.h"
#include "support/revocations.h"

namespace sealring::revocation {
namespace {

class RevocationWriter : public ::testing::Test {
 protected:
  void SetUp() override { create_list(path_, 90); }

  std::shared_ptr<const List> read() const {
    const auto read = read_list_file(tested_driver(), path_, nullptr);
    EXPECT_TRUE(read) << read.error().message;
    return read->file.list;
  }
  Explained<Change> add(std::string_view name, std::string_view value,
                        std::int64_t revoked_at = kNow, std::int64_t until = kLater,
                        std::int64_t now = kNow) const {
    return update_list_file(tested_driver(), path_, now, [&](Draft& draft) {
      return draft.add(tested_driver(), name, value, revoked_at, until);
    });
  }
  static std::optional<Entry> find(const List& list, std::string_view name,
                                   std::string_view value) {
    return list.find(hash_of(tested_driver(), list.header().salt, name, value).value());
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "list";
};

TEST_F(RevocationWriter, CreatesAnEmptyListWithMode0644LessTheUmask) {
  const auto list = read();
  EXPECT_EQ(list->size(), 0U);
  EXPECT_EQ(list->header().generation, 1U);
  EXPECT_EQ(list->header().max_staleness, 90U);
  EXPECT_TRUE(list->names().empty());
  const mode_t before = umask(0027);
  create_list(folder_ / "other");
  umask(before);
  EXPECT_EQ(mode_of(folder_ / "other"), 0640U);
  EXPECT_EQ(folder_.file_count(), 2U);
}

TEST_F(RevocationWriter, NeverCreatesOverAFile) {
  const std::string before = read_text(path_);
  const auto refused = create_list_file(tested_driver(), path_, 0, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::write_failed);
  EXPECT_EQ(read_text(path_), before);
}

TEST_F(RevocationWriter, EachListHasASaltOfItsOwnThatStays) {
  const Salt salt = read()->header().salt;
  create_list(folder_ / "other");
  const auto other = read_list_file(tested_driver(), folder_ / "other", nullptr);
  EXPECT_NE(other->file.list->header().salt, salt);
  ASSERT_TRUE(add("user", "alice"));
  EXPECT_EQ(read()->header().salt, salt);
}

TEST_F(RevocationWriter, AddsAndKeepsWhatIsThere) {
  ASSERT_TRUE(add("user", "alice"));
  const auto change = add("sid", "AAAAAAAAAAAAAAAAAAAAAA");
  ASSERT_TRUE(change) << change.error().message;
  EXPECT_EQ(change->generation, 3U);
  EXPECT_EQ(change->entries, 2U);
  EXPECT_EQ(change->added, 1U);
  EXPECT_EQ(change->dropped, 0U);
  const auto list = read();
  EXPECT_EQ(list->header().generation, 3U);
  EXPECT_EQ(list->header().max_staleness, 90U);
  EXPECT_TRUE(find(*list, "user", "alice"));
  EXPECT_TRUE(find(*list, "sid", "AAAAAAAAAAAAAAAAAAAAAA"));
  EXPECT_FALSE(find(*list, "user", "bob"));
}

TEST_F(RevocationWriter, TheLaterTimesCount) {
  ASSERT_TRUE(add("user", "alice", kNow, kLater));
  ASSERT_TRUE(add("user", "alice", kNow + 5, kLater - 5));
  const auto change = add("User", "alice", kNow + 2, kLater - 2);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->added, 0U);
  const auto list = read();
  EXPECT_EQ(list->size(), 1U);
  EXPECT_EQ(list->names().size(), 1U);
  EXPECT_EQ(find(*list, "user", "alice")->revoked_at, kNow + 5);
  EXPECT_EQ(find(*list, "user", "alice")->until, kLater);
}

TEST_F(RevocationWriter, DropsWhatHasEndedAndNamesOnlyWithAllEntries) {
  ASSERT_TRUE(add("user", "alice", kNow, kNow + 10));
  ASSERT_TRUE(add("tenant", "7", kNow, kNow + 20));
  ASSERT_TRUE(add("", "", kNow, kEndOfTime));
  const auto nothing = [](Draft&) { return Explained<void>(); };
  auto change = update_list_file(tested_driver(), path_, kNow + 10, nothing);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->dropped, 1U);
  EXPECT_FALSE(find(*read(), "user", "alice"));
  EXPECT_TRUE(find(*read(), "tenant", "7"));
  EXPECT_EQ(read()->names().size(), 3U);
  change = update_list_file(tested_driver(), path_, kEndOfTime, nothing);
  ASSERT_TRUE(change);
  EXPECT_EQ(change->entries, 0U);
  EXPECT_TRUE(read()->names().empty());
}

TEST_F(RevocationWriter, WhatIsOutOfItsBoundsIsRefusedAndLeavesTheFile) {
  ASSERT_TRUE(add("user", "alice"));
  const std::string before = read_text(path_);
  EXPECT_FALSE(add(std::string(65, 'n'), "v"));
  EXPECT_FALSE(add("n", std::string(1025, 'v')));
  EXPECT_FALSE(add("n", ""));
  EXPECT_FALSE(add("", "v"));
  EXPECT_FALSE(add("n", "v", -1));
  EXPECT_FALSE(add("n", "v", kNow, kEndOfTime + 1));
  EXPECT_FALSE(add("n", "v", kNow, kLater, -1));
  EXPECT_EQ(read_text(path_), before);
  for (int i = 1; i < 16; ++i) EXPECT_TRUE(add("name" + std::to_string(i), "v")) << i;
  const auto refused = add("one-more", "v");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::invalid_argument);
  EXPECT_NE(refused.error().message.find(path_), std::string::npos);
  EXPECT_TRUE(add("name1", std::string(1024, 'v')));
  EXPECT_EQ(folder_.file_count(), 1U);
}

TEST_F(RevocationWriter, ADamagedListIsNotReplaced) {
  write_text(path_, "torn", 0644);
  EXPECT_FALSE(add("user", "alice"));
  EXPECT_EQ(read_text(path_), "torn");
  std::filesystem::remove(path_);
  const auto missing = add("user", "alice");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().error, Error::write_failed);
  EXPECT_EQ(folder_.file_count(), 0U);
}

TEST_F(RevocationWriter, ModeStaysAndALinkIsFollowed) {
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  const std::string link = folder_ / "link";
  ASSERT_EQ(symlink("list", link.c_str()), 0);
  const auto change = update_list_file(tested_driver(), link, kNow, [](Draft& draft) {
    return draft.add(tested_driver(), "user", "alice", kNow, kLater);
  });
  ASSERT_TRUE(change) << change.error().message;
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(mode_of(path_), 0600U);
  EXPECT_TRUE(find(*read(), "user", "alice"));
}

// The order in which they are added does not matter.
TEST_F(RevocationWriter, ManyAtOnceAndOneByOneAreTheSame) {
  const auto all = [](Draft& draft) -> Explained<void> {
    for (std::uint64_t i = 0; i < 200; ++i) {
      if (auto added = draft.add("sid", entry_number(i)); !added) return added;
      if (auto added = draft.add("sid", entry_number(i)); !added) return added;
    }
    return {};
  };
  const auto change = update_list_file(tested_driver(), path_, kNow, all);
  ASSERT_TRUE(change) << change.error().message;
  EXPECT_EQ(change->entries, 200U);
  EXPECT_EQ(change->added, 200U);
  for (std::uint64_t i = 300; i > 190; --i) {
    ASSERT_TRUE(update_list_file(tested_driver(), path_, kNow,
                                 [i](Draft& draft) { return draft.add("sid", entry_number(i)); }));
  }
  const auto list = read();
  EXPECT_EQ(list->size(), 301U);
  for (std::uint64_t i = 0; i < 301; ++i) EXPECT_TRUE(list->find(hash_number(i))) << i;
}

TEST_F(RevocationWriter, WritersWaitForEachOtherAndReadersNeverSeeHalfAList) {
  constexpr std::uint64_t kWriters = 6, kEntries = 10;
  {
    std::vector<Child> writers;
    for (std::uint64_t writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&, writer] {
        for (std::uint64_t i = 0; i < kEntries; ++i) {
          const auto change = update_list_file(tested_driver(), path_, kNow, [&](Draft& draft) {
            return draft.add("sid", entry_number(writer * kEntries + i));
          });
          EXPECT_TRUE(change) << change.error().message;
        }
      });
    }
    for (int i = 0; i < 200; ++i) read();
  }
  EXPECT_EQ(read()->size(), kWriters * kEntries);
  EXPECT_EQ(read()->header().generation, 1 + kWriters * kEntries);
  EXPECT_EQ(folder_.file_count(), 1U);
}

// Whenever a writer dies, the list is whole: the one from before or the one from after.
TEST_F(RevocationWriter, MayBeKilledAtAnyTime) {
  std::uint64_t generation = 1;
  // On a busy machine it takes longer until one has written at all.
  for (int round = 0; round < 100 || generation == 1; ++round) {
    const pid_t writer = fork();
    if (writer == 0) {
      for (std::uint64_t i = 0;; ++i) {
        (void)update_list_file(tested_driver(), path_, kNow, [i](Draft& draft) {
          return draft.add("sid", entry_number(i % 50));
        });
      }
    }
    usleep(static_cast<useconds_t>(500 + 97 * round));
    ASSERT_EQ(kill(writer, SIGKILL), 0);
    ASSERT_EQ(waitpid(writer, nullptr, 0), writer);
    const auto list = read();
    EXPECT_GE(list->header().generation, generation);
    generation = list->header().generation;
  }
  EXPECT_TRUE(add("user", "alice")) << "the lock of a dead writer is gone";
}

}  // namespace
}  // namespace sealring::revocation
