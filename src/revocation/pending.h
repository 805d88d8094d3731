// SPDX-License-Identifier: Apache-2.0
// What a server has revoked itself: in memory that its processes share
// (spec/revocations.md section 7).
#pragma once

#include <atomic>

#include "revocation/list.h"

namespace sealring::revocation {

// A view of the memory, which the caller owns. Its const functions may run in any process at any
// time and wait for nothing. All other functions: one process at a time, which the caller ensures.
class Pending {
 public:
  // The size of the memory for at least so many entries.
  static std::size_t size_for(std::size_t entries) noexcept;

  // Keeps the entries of memory that was attached before with the same size and salt, as on a
  // reload. Clears any other. Nothing if it is too small. It is aligned as by malloc().
  static std::optional<Pending> attach(MutableBytes memory, const Salt& salt) noexcept;

  // When the session with this hash was revoked.
  std::optional<std::int64_t> find(const Hash& hash) const noexcept;
  std::size_t count() const noexcept;
  // How many have not ended that `list` does not have. What is written meanwhile may count or not.
  std::size_t count_unlisted(const List& list, std::int64_t now) const noexcept;

  // False: it was full, and the entry that ends first was lost.
  bool add(const Entry& entry, const List& list, std::int64_t now) noexcept;

  // The next entry that `list` does not have, from `position`, which is 0 at first. Removes what
  // has ended, but not what the list has: another process may be unable to read that list.
  std::optional<Entry> next(std::size_t& position, const List& list, std::int64_t now) noexcept;

 private:
  using Word = std::atomic<std::uint64_t>;
  struct Slot {
    Word version;  // odd while the slot is written; each change makes it greater
    Word hash[2];
    Word revoked_at;
    Word until;  // 0: the slot is free
  };
  static constexpr std::size_t kSlots = 7;
  // An entry is in the bucket that its hash says, or if that is full in one of those after it. No
  // entry ever moves, so that a look-up misses none.
  struct Bucket {
    Word passed;  // how many entries are after it because it was full
    Slot slots[kSlots];
  };
  struct Head {
    Word form;  // says that there is such memory here, and in which version of this layout
    Word buckets;
    Word salt[2];
    Word count;
  };
  static_assert(Word::is_always_lock_free);

  Pending(Head* head, Bucket* buckets, std::size_t count) noexcept
      : head_(head), buckets_(buckets), size_(count) {}

  std::size_t home_of(std::uint64_t first) const noexcept;
  Slot& slot(std::size_t index) const noexcept {
    return buckets_[index / kSlots].slots[index % kSlots];
  }
  std::size_t slots() const noexcept { return size_ * kSlots; }
  Slot* find_slot(std::uint64_t first, std::uint64_t second) const noexcept;
  void insert(const Entry& entry) noexcept;
  void remove(std::size_t index) noexcept;
  static Entry entry_of(const Slot& slot) noexcept;
  static bool is_listed(const Slot& slot, const List& list) noexcept;
  bool keep(std::size_t index, std::int64_t now) noexcept;
  bool make_room(const List& list, std::int64_t now) noexcept;

  Head* head_;
  Bucket* buckets_;
  std::size_t size_;
};

}  // namespace sealring::revocation
