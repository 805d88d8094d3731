// SPDX-License-Identifier: Apache-2.0
#include "revocation/pending.h"

#include <algorithm>

namespace sealring::revocation {
namespace {

// "sealpen", version 2. Servers name the memory after the version.
constexpr std::uint64_t kForm = 0x7365616c'70656e02;

constexpr auto kRelaxed = std::memory_order_relaxed;

std::uint64_t first_of(const Hash& hash) noexcept {
  return load_big_endian(std::span(hash).first<8>());
}
std::uint64_t second_of(const Hash& hash) noexcept {
  return load_big_endian(std::span(hash).last<8>());
}

void raise(std::atomic<std::uint64_t>& word, std::int64_t to) noexcept {
  const auto value = static_cast<std::uint64_t>(to);
  if (word.load(kRelaxed) < value) word.store(value, kRelaxed);
}

// A few are left free, so that there are few buckets to search.
constexpr std::size_t limit_of(std::size_t slots) {
  return slots - slots / 8;
}

}  // namespace

std::size_t Pending::size_for(std::size_t entries) noexcept {
  const std::size_t slots = entries + entries / 7 + 1;
  return sizeof(Head) + (slots / kSlots + 1) * sizeof(Bucket);
}

std::optional<Pending> Pending::attach(MutableBytes memory, const Salt& salt) noexcept {
  if (memory.size() < sizeof(Head) + sizeof(Bucket)) return std::nullopt;
  const std::size_t count = (memory.size() - sizeof(Head)) / sizeof(Bucket);
  auto* const head = reinterpret_cast<Head*>(memory.data());
  auto* const buckets = reinterpret_cast<Bucket*>(memory.data() + sizeof(Head));
  const Pending pending(head, buckets, count);
  if (head->form == kForm && head->buckets == count && head->salt[0] == first_of(salt) &&
      head->salt[1] == second_of(salt)) {
    return pending;
  }
  head->form = 0;
  for (std::size_t i = 0; i < count; ++i) new (buckets + i) Bucket{};
  head->count = 0;
  head->buckets = count;
  head->salt[0] = first_of(salt);
  head->salt[1] = second_of(salt);
  head->form = kForm;
  return pending;
}

std::size_t Pending::count() const noexcept {
  return static_cast<std::size_t>(head_->count.load(std::memory_order_acquire));
}

std::size_t Pending::home_of(std::uint64_t first) const noexcept {
  return static_cast<std::size_t>(first % size_);
}

// A slot that changes while it is read is not a hit: the entry that was there has just gone, or the
// one that comes is not there yet.
std::optional<std::int64_t> Pending::find(const Hash& hash) const noexcept {
  if (count() == 0) return std::nullopt;
  const std::uint64_t first = first_of(hash), second = second_of(hash);
  std::size_t at = home_of(first);
  for (std::size_t searched = 0; searched < size_; ++searched) {
    const Bucket& bucket = buckets_[at];
    for (const Slot& slot : bucket.slots) {
      const std::uint64_t version = slot.version.load(std::memory_order_acquire);
      if (version % 2 != 0 || slot.hash[0].load(kRelaxed) != first ||
          slot.hash[1].load(kRelaxed) != second || slot.until.load(kRelaxed) == 0) {
        continue;
      }
      const std::uint64_t revoked_at = slot.revoked_at.load(kRelaxed);
      std::atomic_thread_fence(std::memory_order_acquire);
      if (slot.version.load(kRelaxed) == version) return static_cast<std::int64_t>(revoked_at);
    }
    if (bucket.passed.load(std::memory_order_acquire) == 0) break;
    at = at + 1 == size_ ? 0 : at + 1;
  }
  return std::nullopt;
}

Entry Pending::entry_of(const Slot& slot) noexcept {
  Entry entry;
  store_big_endian(slot.hash[0], std::span(entry.hash).first<8>());
  store_big_endian(slot.hash[1], std::span(entry.hash).last<8>());
  entry.revoked_at = static_cast<std::int64_t>(slot.revoked_at.load());
  entry.until = static_cast<std::int64_t>(slot.until.load());
  return entry;
}

// For the process that changes the memory. A slot whose version is odd was being written by a
// process that died, and is free.
Pending::Slot* Pending::find_slot(std::uint64_t first, std::uint64_t second) const noexcept {
  std::size_t at = home_of(first);
  for (std::size_t searched = 0; searched < size_; ++searched) {
    for (Slot& slot : buckets_[at].slots) {
      if (slot.version % 2 == 0 && slot.until != 0 && slot.hash[0] == first &&
          slot.hash[1] == second) {
        return &slot;
      }
    }
    if (buckets_[at].passed == 0) break;
    at = at + 1 == size_ ? 0 : at + 1;
  }
  return nullptr;
}

bool Pending::add(const Entry& entry, const List& list, std::int64_t now) noexcept {
  if (entry.until <= now) return true;
  if (Slot* const known = find_slot(first_of(entry.hash), second_of(entry.hash))) {
    raise(known->revoked_at, entry.revoked_at);
    raise(known->until, entry.until);
    return true;
  }
  const bool had_room = count() < limit_of(slots()) || make_room(list, now);
  insert(entry);
  return had_room;
}

// The counts are raised first and lowered last: if this process dies in between, they are too high,
// which costs a little time, and not too low, with which an entry would not be found.
void Pending::insert(const Entry& entry) noexcept {
  const std::uint64_t first = first_of(entry.hash);
  const auto is_free = [](const Slot& slot) { return slot.version % 2 != 0 || slot.until == 0; };
  Slot* free = nullptr;
  std::size_t at = home_of(first);
  for (std::size_t searched = 0; searched < size_ && free == nullptr; ++searched) {
    Slot* const found = std::ranges::find_if(buckets_[at].slots, is_free);
    if (found != std::end(buckets_[at].slots)) {
      free = found;
    } else {
      ++buckets_[at].passed;
      at = at + 1 == size_ ? 0 : at + 1;
    }
  }
  if (free == nullptr) return;  // never, if nobody else has written to the memory
  ++head_->count;
  const std::uint64_t version = free->version | 1;
  free->version = version;
  std::atomic_thread_fence(std::memory_order_release);
  free->hash[0].store(first, kRelaxed);
  free->hash[1].store(second_of(entry.hash), kRelaxed);
  free->revoked_at.store(static_cast<std::uint64_t>(entry.revoked_at), kRelaxed);
  free->until.store(static_cast<std::uint64_t>(entry.until), kRelaxed);
  free->version.store(version + 1, std::memory_order_release);
}

void Pending::remove(std::size_t index) noexcept {
  Slot& removed = slot(index);
  const std::size_t last = index / kSlots;
  std::size_t at = home_of(removed.hash[0]);
  const std::uint64_t version = removed.version | 1;
  removed.version = version;
  std::atomic_thread_fence(std::memory_order_release);
  removed.until.store(0, kRelaxed);
  removed.version.store(version + 1, std::memory_order_release);
  for (; at != last; at = at + 1 == size_ ? 0 : at + 1) {
    if (buckets_[at].passed != 0) --buckets_[at].passed;
  }
  if (head_->count != 0) --head_->count;
}

// Whether the slot has an entry. Removes one that has ended.
bool Pending::keep(std::size_t index, std::int64_t now) noexcept {
  const Slot& kept = slot(index);
  if (kept.version % 2 != 0 || kept.until == 0) return false;
  if (kept.until > static_cast<std::uint64_t>(now)) return true;
  remove(index);
  return false;
}

// Whether the list has the slot's entry, and for as long.
bool Pending::is_listed(const Slot& slot, const List& list) noexcept {
  const Entry entry = entry_of(slot);
  const auto listed = list.find(entry.hash);
  // A list in which no sid is in use may have the entry, and nobody looks it up.
  return listed && listed->revoked_at >= entry.revoked_at && listed->until >= entry.until &&
         list.has_sids();
}

// False if an entry had to go that is still needed. One that the list has is not, but for a process
// that could not read this list, so only one goes.
bool Pending::make_room(const List& list, std::int64_t now) noexcept {
  std::optional<std::size_t> listed, first;
  std::size_t kept = 0;
  const auto ends_before = [this](std::size_t index, std::optional<std::size_t> other) {
    return !other || slot(index).until < slot(*other).until;
  };
  for (std::size_t i = 0; i < slots(); ++i) {
    if (!keep(i, now)) continue;
    ++kept;
    if (ends_before(i, listed) && is_listed(slot(i), list)) listed = i;
    if (ends_before(i, first)) first = i;
  }
  head_->count = kept;  // it was too high if a process has died
  if (kept < limit_of(slots())) return true;
  remove(listed ? *listed : *first);
  return listed.has_value();
}

std::optional<Entry> Pending::next(std::size_t& position, const List& list,
                                   std::int64_t now) noexcept {
  while (position < slots()) {
    const std::size_t index = position++;
    if (keep(index, now) && !is_listed(slot(index), list)) return entry_of(slot(index));
  }
  return std::nullopt;
}

std::size_t Pending::count_unlisted(const List& list, std::int64_t now) const noexcept {
  std::size_t unlisted = 0;
  for (std::size_t i = 0; count() != 0 && i < slots(); ++i) {
    const Slot& counted = slot(i);
    const bool is_needed =
        counted.version % 2 == 0 && counted.until > static_cast<std::uint64_t>(now);
    if (is_needed && !is_listed(counted, list)) ++unlisted;
  }
  return unlisted;
}

}  // namespace sealring::revocation
