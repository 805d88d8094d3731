// SPDX-License-Identifier: Apache-2.0
#include "revocation/pending.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <functional>
#include <stdexcept>
#include <utility>

#include "support/forked.h"
#include "support/revocations.h"

namespace sealring::revocation {
namespace {

class PendingTest : public ::testing::Test {
 protected:
  std::vector<std::uint64_t> memory_ = std::vector<std::uint64_t>(Pending::size_for(100) / 8 + 1);
  MutableBytes bytes() {
    return {reinterpret_cast<std::uint8_t*>(memory_.data()), memory_.size() * 8};
  }
  Pending attached() { return Pending::attach(bytes(), salt_).value(); }

  // All that next() returns.
  static std::vector<Hash> unlisted(Pending pending, const List& list, std::int64_t now) {
    std::vector<Hash> hashes;
    std::size_t position = 0;
    while (const auto entry = pending.next(position, list, now)) hashes.push_back(entry->hash);
    return hashes;
  }

  Salt salt_{};
  const std::shared_ptr<const List> none_ = parse(list_bytes(0)).value();
};

TEST_F(PendingTest, FindsWhatWasAddedAndNothingElse) {
  Pending pending = attached();
  EXPECT_EQ(pending.count(), 0U);
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_FALSE(pending.find(hash_number(i)));
    EXPECT_TRUE(pending.add(entry_number(i), *none_, kNow));
    EXPECT_EQ(pending.find(hash_number(i)), kNow);
  }
  EXPECT_EQ(pending.count(), 100U);
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_TRUE(pending.find(hash_number(i))) << i;
  for (std::uint64_t i = 100; i < 1000; ++i) EXPECT_FALSE(pending.find(hash_number(i))) << i;
}

TEST_F(PendingTest, TheLaterTimesCountIfItIsThereAlready) {
  Pending pending = attached();
  const Hash hash = hash_number(0);
  pending.add({hash, kNow, kLater}, *none_, kNow);
  pending.add({hash, kNow + 5, kLater - 5}, *none_, kNow);
  pending.add({hash, kNow + 2, kLater - 2}, *none_, kNow);
  EXPECT_EQ(pending.count(), 1U);
  EXPECT_EQ(pending.find(hash), kNow + 5);
  std::size_t position = 0;
  EXPECT_EQ(pending.next(position, *none_, kNow)->until, kLater);
}

TEST_F(PendingTest, StaysWhenItIsAttachedAgain) {
  attached().add(entry_number(0), *none_, kNow);
  EXPECT_TRUE(attached().find(hash_number(0)));
}

// A new salt: hashes of the list before mean nothing any more.
TEST_F(PendingTest, IsEmptyForAnotherListAndAnotherSize) {
  attached().add(entry_number(0), *none_, kNow);
  salt_[15] = 1;
  EXPECT_EQ(attached().count(), 0U);
  attached().add(entry_number(0), *none_, kNow);
  const auto smaller = Pending::attach(bytes().first(bytes().size() / 2), salt_);
  EXPECT_EQ(smaller->count(), 0U);
  EXPECT_FALSE(smaller->find(hash_number(0)));
}

TEST_F(PendingTest, MemoryWithAnythingInItIsCleared) {
  std::ranges::fill(memory_, 0x5555'5555'5555'5555);
  EXPECT_EQ(attached().count(), 0U);
  EXPECT_FALSE(Pending::attach(bytes().first(100), salt_));
  EXPECT_FALSE(Pending::attach({}, salt_));
}

TEST_F(PendingTest, WhatHasEndedGoes) {
  Pending pending = attached();
  for (std::uint64_t i = 0; i < 50; ++i) {
    pending.add({hash_number(i), kNow, kNow + 1 + static_cast<std::int64_t>(i % 2) * 60}, *none_,
                kNow);
  }
  EXPECT_EQ(unlisted(pending, *none_, kNow).size(), 50U);
  EXPECT_EQ(unlisted(pending, *none_, kNow + 1).size(), 25U);
  EXPECT_EQ(pending.count(), 25U);
  EXPECT_FALSE(pending.find(hash_number(0)));
  EXPECT_TRUE(pending.find(hash_number(1)));
  EXPECT_TRUE(pending.add({hash_number(99), kNow, kNow}, *none_, kNow)) << "it ended already";
  EXPECT_EQ(pending.count(), 25U);
}

// A process may be unable to read the list that another one has.
TEST_F(PendingTest, WhatTheListHasIsNotSentAgainAndStaysUntilItEnds) {
  Pending pending = attached();
  for (std::uint64_t i = 0; i < 10; ++i) pending.add(entry_number(i), *none_, kNow);
  const auto list = parse(list_bytes(6)).value();
  for (const std::int64_t now : {kNow, kNow + 10, kLater - 1}) {
    EXPECT_EQ(unlisted(pending, *list, now).size(), 4U);
    EXPECT_EQ(pending.count_unlisted(*list, now), 4U);
    EXPECT_EQ(pending.count(), 10U);
    EXPECT_TRUE(pending.find(hash_number(0)));
  }
  EXPECT_EQ(pending.count_unlisted(*list, kLater), 0U);
  EXPECT_EQ(pending.count(), 10U) << "counting changes nothing";
  EXPECT_TRUE(unlisted(pending, *list, kLater).empty());
  EXPECT_EQ(pending.count(), 0U);
}

TEST_F(PendingTest, WhatTheListHasWithAnEarlierTimeIsSent) {
  Pending pending = attached();
  pending.add({hash_number(0), kNow + 1, kLater}, *none_, kNow);
  const auto list = parse(list_bytes(1)).value();
  EXPECT_EQ(unlisted(pending, *list, kNow + 10).size(), 1U);
  pending.add({hash_number(1), kNow, kLater}, *none_, kNow);
  const auto longer = parse(list_bytes(2)).value();
  EXPECT_EQ(unlisted(pending, *longer, kNow + 10).size(), 1U);
  pending.add({hash_number(1), kNow + 1, kLater}, *none_, kNow);  // again, and later
  EXPECT_EQ(unlisted(pending, *longer, kNow + 10).size(), 2U);
}

// The list would drop it earlier, and the session would be good again.
TEST_F(PendingTest, WhatTheListHasWithAnEarlierEndIsSentAndStays) {
  Pending pending = attached();
  const auto list = parse(list_bytes(2)).value();
  pending.add({hash_number(0), kNow, kLater + 1}, *none_, kNow);
  pending.add({hash_number(1), kNow, kLater}, *none_, kNow);
  EXPECT_EQ(unlisted(pending, *list, kNow).size(), 1U);
  pending.add({hash_number(1), kNow, kLater + 1}, *none_, kNow);  // again, and for longer
  EXPECT_EQ(unlisted(pending, *list, kNow).size(), 2U);
  EXPECT_EQ(unlisted(pending, *list, kNow + 10).size(), 2U);
  EXPECT_TRUE(pending.find(hash_number(0)));
}

// An agent adds what comes from others even if the list has no place for its name.
TEST_F(PendingTest, WhatTheListHasWithoutTheNameStays) {
  Draft draft = Draft::make(tested_driver()).value();
  draft.add("user", entry_number(0)).value();
  const auto list = parse(std::move(draft).write(tested_driver(), kNow).value().bytes).value();
  Pending pending = attached();
  pending.add(entry_number(0), *none_, kNow);
  EXPECT_EQ(unlisted(pending, *list, kNow).size(), 1U);
  EXPECT_EQ(unlisted(pending, *list, kNow + 10).size(), 1U);
  EXPECT_TRUE(pending.find(hash_number(0)));
}

TEST_F(PendingTest, WhenItIsFullTheOneThatEndsFirstGoes) {
  Pending pending = attached();
  std::uint64_t i = 0;
  while (pending.add({hash_number(i), kNow, kLater - static_cast<std::int64_t>(i)}, *none_, kNow)) {
    ASSERT_LT(++i, 1000U);
  }
  EXPECT_GE(i, 100U);
  EXPECT_EQ(pending.count(), i);
  EXPECT_FALSE(pending.find(hash_number(i - 1))) << "it ended first";
  for (std::uint64_t j = 0; j <= i; ++j) {
    EXPECT_EQ(pending.find(hash_number(j)).has_value(), j != i - 1) << j;
  }
}

TEST_F(PendingTest, WhenItIsFullWhatTheListHasGoesWithoutAnAlert) {
  Pending pending = attached();
  while (pending.count() < 100) pending.add(entry_number(pending.count()), *none_, kNow);
  const auto list = parse(list_bytes(50)).value();
  for (std::uint64_t i = 100; i < 150; ++i) {
    EXPECT_TRUE(pending.add(entry_number(i), *list, kNow)) << i;
  }
  for (std::uint64_t i = 50; i < 150; ++i) EXPECT_TRUE(pending.find(hash_number(i))) << i;
}

// As few as possible, for a process that could not read that list.
TEST_F(PendingTest, WhenItIsFullOneThatTheListHasGoesTheOneThatEndsFirst) {
  Draft draft = Draft::make(tested_driver()).value();
  Pending pending = attached();
  std::uint64_t next = 0;
  const auto add = [&](const List& list) {
    const Entry entry{hash_number(next), kNow, kLater + static_cast<std::int64_t>(next % 10)};
    if (next++ % 10 >= 5) draft.add("sid", entry).value();
    return pending.add(entry, list, kNow);
  };
  while (pending.count() == next) add(*none_);  // the last one was lost
  const std::size_t full = pending.count();
  const auto list = parse(std::move(draft).write(tested_driver(), kNow).value().bytes).value();
  const auto found = [&](std::uint64_t end) {
    std::size_t count = 0;
    for (std::uint64_t i = end; i < full; i += 10) count += pending.find(hash_number(i)) ? 1U : 0U;
    return count;
  };
  const std::size_t listed = found(5);
  for (std::size_t gone = 1; gone <= listed; ++gone) {
    EXPECT_TRUE(pending.add({hash_number(next + gone), kNow, kLater + 20}, *list, kNow));
    EXPECT_EQ(pending.count(), full);
    EXPECT_EQ(found(5), listed - gone);
  }
  EXPECT_EQ(found(6) + found(7) + found(8) + found(9), 4 * listed);
}

// As a server that runs for months: whatever comes and goes, all that is there is found.
TEST_F(PendingTest, FindsAllAfterManyChanges) {
  Pending pending = attached();
  std::uint64_t next = 0;
  for (std::int64_t now = kNow; now < kNow + 300; ++now) {
    for (int i = 0; i < 8; ++i) {
      EXPECT_TRUE(pending.add({hash_number(next++), kNow, now + 10}, *none_, now)) << next;
    }
    for (std::uint64_t i = next > 80 ? next - 80 : 0; i < next; ++i) {
      ASSERT_TRUE(pending.find(hash_number(i))) << i << " of " << next;
    }
    if (now % 5 == 0) unlisted(pending, *none_, now);
  }
  EXPECT_LE(pending.count(), 110U);
}

// The hash of one entry never comes with the time of another, whatever is written meanwhile.
TEST_F(PendingTest, NoReaderSeesHalfAnEntry) {
  const SharedArray<std::uint64_t> shared(Pending::size_for(2) / 8 + 1);
  const MutableBytes memory{reinterpret_cast<std::uint8_t*>(shared.span().data()),
                            shared.span().size_bytes()};
  Pending pending = Pending::attach(memory, salt_).value();
  const SharedArray<std::atomic<bool>> done(1);
  Child reader([&] {
    const Pending seen = Pending::attach(memory, salt_).value();
    while (!done.span()[0]) {
      for (std::uint64_t i = 0; i < 64; ++i) {
        const auto found = seen.find(hash_number(i));
        EXPECT_EQ(found.value_or(kNow + static_cast<std::int64_t>(i)),
                  kNow + static_cast<std::int64_t>(i));
      }
    }
  });
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    const std::uint64_t i = round % 64;
    pending.add({hash_number(i), kNow + static_cast<std::int64_t>(i), kLater}, *none_, kNow);
  }
  done.span()[0] = true;
}

// Memory with one bucket, whose first slot is on two pages: a process that comes from its hash to
// its times stops there, and `action` is done before it goes on.
class DividedSlot {
 public:
  DividedSlot() {
    const int file = memfd_create("pending", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, static_cast<off_t>(2 * page_)) != 0)
      throw std::runtime_error("no memory");
    for (std::uint8_t*& mapping : mappings_) {
      mapping = static_cast<std::uint8_t*>(
          mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    }
    close(file);
    struct sigaction handler {};
    handler.sa_handler = [](int) { stopped_->proceed(); };
    sigaction(SIGSEGV, &handler, &before_);
    stopped_ = this;
  }
  DividedSlot(const DividedSlot&) = delete;
  DividedSlot& operator=(const DividedSlot&) = delete;
  ~DividedSlot() {
    sigaction(SIGSEGV, &before_, nullptr);
    for (std::uint8_t* const mapping : mappings_) munmap(mapping, 2 * page_);
  }

  // By the first one a process stops, by the second it does not.
  Pending attach(std::size_t mapping) {
    return Pending::attach({mappings_[mapping] + page_ - kDivision, Pending::size_for(1)}, Salt{})
        .value();
  }
  void stop(int still_allowed, std::function<void()> action) {
    action_ = std::move(action);
    mprotect(mappings_[0] + page_, page_, still_allowed);
  }
  bool has_stopped() const { return !action_; }

 private:
  const std::size_t page_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  static constexpr std::size_t kDivision = 72;  // to the first slot's revoked_at

  void proceed() {
    mprotect(mappings_[0] + page_, page_, PROT_READ | PROT_WRITE);
    if (!action_) _exit(9);  // a fault of another kind
    std::exchange(action_, nullptr)();
  }

  static inline DividedSlot* stopped_ = nullptr;
  std::array<std::uint8_t*, 2> mappings_{};
  struct sigaction before_ {};
  std::function<void()> action_;
};

TEST_F(PendingTest, AnEntryThatIsReplacedWhileItIsReadIsNotFoundWithTheTimeOfAnother) {
  DividedSlot memory;
  const Pending reader = memory.attach(0);
  Pending writer = memory.attach(1);
  writer.add({hash_number(0), kNow, kNow + 1}, *none_, kNow);
  EXPECT_EQ(reader.find(hash_number(0)), kNow);
  memory.stop(PROT_NONE, [&] {
    unlisted(writer, *none_, kNow + 1);  // it has ended
    writer.add({hash_number(1), kNow + 100, kLater}, *none_, kNow + 1);
  });
  EXPECT_FALSE(reader.find(hash_number(0)));
  EXPECT_TRUE(memory.has_stopped());
  EXPECT_EQ(reader.find(hash_number(1)), kNow + 100);
}

TEST_F(PendingTest, AnEntryWhoseWriterDiesIsNotFoundAndItsPlaceIsUsedAgain) {
  DividedSlot memory;
  Pending pending = memory.attach(1);
  Child([&] {
    Pending dying = memory.attach(0);
    memory.stop(PROT_READ, [] { _exit(0); });
    dying.add(entry_number(0), *none_, kNow);
    _exit(1);
  }).wait();
  EXPECT_FALSE(pending.find(hash_number(0)));
  EXPECT_TRUE(unlisted(pending, *none_, kNow).empty());
  for (std::uint64_t i = 0; i < 6; ++i)
    EXPECT_TRUE(pending.add(entry_number(i), *none_, kNow)) << i;
  for (std::uint64_t i = 0; i < 6; ++i) EXPECT_EQ(pending.find(hash_number(i)), kNow) << i;
}

}  // namespace
}  // namespace sealring::revocation
