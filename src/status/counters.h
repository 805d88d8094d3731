// SPDX-License-Identifier: Apache-2.0
// What was sealed, opened and refused: counters in memory that processes share. Counting waits for
// nothing, and a process that ends in the middle of it harms nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/error.h"
#include "keys/key.h"
#include "status/metrics.h"

namespace sealring::status {

using Word = std::atomic<std::uint64_t>;
static_assert(Word::is_always_lock_free);

// How much something was counted in the last minute, hour and day.
struct Window {
  std::int64_t step;  // in seconds
  std::size_t steps;
};
inline constexpr std::array kWindows = {Window{5, 12}, Window{60, 60}, Window{1800, 48}};
using Recent = std::array<std::uint64_t, kWindows.size()>;

// What a count was in each step of the last day, the latest last.
using Course = std::array<std::uint64_t, kWindows.back().steps>;

// What a count was at earlier times.
class History {
 public:
  // By how much it has grown to `value`, which it is now.
  Recent recent(std::uint64_t value, std::int64_t now) const noexcept;
  Course course(std::uint64_t value, std::int64_t now) const noexcept;

  // Notes the value for the steps that began after `before`, up to `now`.
  void note(std::uint64_t value, std::int64_t before, std::int64_t now) noexcept;
  void clear() noexcept;

 private:
  static constexpr std::size_t kNoted =
      kWindows[0].steps + kWindows[1].steps + kWindows[2].steps + kWindows.size();
  std::array<Word, kNoted> noted_;  // for each window, its steps and one more
};

// A count, and what it was at earlier times.
class Count {
 public:
  void add() noexcept { value_.fetch_add(1, std::memory_order_relaxed); }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }
  Recent recent(std::int64_t now) const noexcept { return history_.recent(value(), now); }
  void note(std::int64_t before, std::int64_t now) noexcept { history_.note(value(), before, now); }
  void clear() noexcept {
    value_.store(0, std::memory_order_relaxed);
    history_.clear();
  }

 private:
  Word value_;
  History history_;
};

// What one key did.
class KeyCounts {
 public:
  // `expires_at`: of the token; 0: never.
  void count_sealed(std::int64_t now, std::uint64_t expires_at) noexcept {
    count(sealed_, last_seal_, now, expires_at);
  }
  void count_opened(std::int64_t now, std::uint64_t expires_at) noexcept {
    count(opened_, last_open_, now, expires_at);
  }

  const Count& sealed() const noexcept { return sealed_; }
  const Count& opened() const noexcept { return opened_; }
  std::int64_t last_seal() const noexcept { return static_cast<std::int64_t>(last_seal_.load()); }
  std::int64_t last_open() const noexcept { return static_cast<std::int64_t>(last_open_.load()); }
  // When the last of its tokens ends; 0: none is known; kNeverEnds: never.
  std::uint64_t latest_end() const noexcept { return latest_end_.load(); }
  static constexpr std::uint64_t kNeverEnds = UINT64_MAX;
  // Since when this place is the key's: what it did before is not known.
  std::int64_t since() const noexcept { return static_cast<std::int64_t>(since_.load()); }

 private:
  friend class Counters;

  void count(Count& what, Word& last, std::int64_t now, std::uint64_t expires_at) noexcept {
    what.add();
    last.store(static_cast<std::uint64_t>(now), std::memory_order_relaxed);
    const std::uint64_t end = expires_at - 1;  // 0, which is never, becomes the greatest
    if (latest_end_.load(std::memory_order_relaxed) <= end) raise_latest_end(end);
  }
  void raise_latest_end(std::uint64_t end) noexcept;

  // 0: this place is free. Otherwise 40 bits of a hash of its key's algorithm and kid, and 24 of
  // the minute in which a process last said that it uses this place: in one word, so that one
  // process makes it another key's.
  Word claim_;
  Word since_;
  Word algorithm_;
  std::array<Word, (kMaxKidSize + 7) / 8> kid_;
  Count sealed_, opened_;
  Word last_seal_, last_open_, latest_end_;
};

// Lies in the memory.
class Counters {
 public:
  static constexpr std::size_t kKeys = 128;
  // A place that no process has used for so many minutes may become another key's.
  static constexpr std::uint64_t kUnusedMinutes = 60;

  static std::size_t size() noexcept { return sizeof(Counters); }

  // Keeps what was counted in memory that was attached before, as on a reload, unless it was with
  // another list of counters. Null if it is too small. One process at a time.
  static Counters* attach(MutableBytes memory, std::int64_t now) noexcept;

  // `first` and `second`: which values of its labels.
  template <Counter counter>
  void add(std::size_t first = 0, std::size_t second = 0) noexcept {
    constexpr std::size_t kOffset = offset_of(counter);
    constexpr std::size_t kColumns = kCounters[static_cast<std::size_t>(counter)].second.size();
    values_.data()[kOffset + first * kColumns + second].fetch_add(1, std::memory_order_relaxed);
  }
  std::uint64_t value(std::size_t index) const noexcept { return values_[index].load(); }
  // Of kSumsOverTime.
  std::uint64_t sum_over_time(std::size_t index) const noexcept;
  const History& history(std::size_t index) const noexcept { return histories_[index]; }
  std::int64_t since() const noexcept { return static_cast<std::int64_t>(since_.load()); }

  // The place for a key, which the caller uses for at most a minute before it asks again. If all
  // are in use, one for all other keys, whose algorithm is not known.
  KeyCounts& counts_of(const Key& key, std::int64_t now) noexcept;

  // Called before anything is counted, with the time: once in a while it notes the counts, so that
  // recent() can say how much they have grown.
  void tick(std::int64_t now) noexcept {
    const std::uint64_t passed = static_cast<std::uint64_t>(now) - ticked_at_.load();
    if (passed >= static_cast<std::uint64_t>(kWindows[0].step)) note_all(now);
  }

  // A key that was counted, and its counts. Empty: this place is free.
  struct Named {
    std::string_view algorithm;
    std::string kid;
    const KeyCounts* counts;
  };
  std::optional<Named> key_at(std::size_t index) const;

 private:
  void clear(std::int64_t now) noexcept;
  void note_all(std::int64_t now) noexcept;
  KeyCounts* claim(std::uint64_t id, std::int64_t now) noexcept;

  Word form_;  // says that there are such counters here, and which
  Word since_;
  Word ticked_at_;  // the beginning of a step
  std::array<Word, kValueCount> values_;
  std::array<History, kOverTimeCount> histories_;
  std::array<KeyCounts, kKeys + 1> keys_;  // the last one is for all others
};

// Where a result is counted.
constexpr std::size_t result_index(Error reason) {
  const std::size_t error = std::size(kResults) - 1;
  const auto index = static_cast<std::size_t>(reason) - 9;
  return index < error ? index : error;
}

constexpr std::size_t seal_error_index(Error reason) {
  return reason == Error::no_primary_key ? 0 : reason == Error::invalid_argument ? 1 : 2;
}

}  // namespace sealring::status
