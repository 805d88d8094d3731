// SPDX-License-Identifier: Apache-2.0
#include "fleet/vote.h"

#include <algorithm>

#include "crypto/siphash.h"
#include "decimal.h"

namespace sealring::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMinute = 60'000;  // in milliseconds
constexpr std::int64_t kClocks = 60;      // what is about to end is left out
constexpr std::int64_t kMaxClockDifference = 30;
constexpr auto kMaxHeld = 2s;
constexpr auto kQuiet = 60s;       // and up to as much again
constexpr auto kUntilCount = 10s;  // and up to twice as much again
constexpr const char* kKeptFor = "300";

// When the item was added, in milliseconds, by the store's clock.
std::optional<std::int64_t> time_of(const Item& item) {
  return read_decimal<std::int64_t>(std::string_view(item.id).substr(0, item.id.find('-')));
}

std::uint64_t number_of(const SipHash24::Mac& mac) {
  std::uint64_t number = 0;
  for (std::size_t i = mac.size(); i-- > 0;) number = number << 8 | mac[i];
  return number;
}

std::string digest_of(const Replica& replica, const revocation::Salt& salt,
                      std::int64_t ends_after) {
  std::uint64_t sum = 0;
  std::array<std::uint8_t, revocation::kEntrySize> bytes;
  replica.for_each([&](const Entry& entry) {
    if (entry.until <= ends_after) return;
    write_entry(entry, bytes);
    sum += number_of(SipHash24::compute(salt, bytes));
  });
  return std::to_string(sum);
}

}  // namespace

Vote::Vote(const Keys& keys, const Replica& replica, const revocation::Salt& random)
    : prefix_(keys.votes), replica_(replica), random_(random) {}

void Vote::begin(Time now) {
  has_caught_up_ = is_counting_ = false;
  item_at_ = now.monotonic;
  held_since_.reset();
  digest_.clear();
}

bool Vote::take(const Item& before, const Item& item, Time now) {
  item_at_ = now.monotonic;
  const auto last = time_of(before), time = time_of(item);
  if (!last || !time || *last / kMinute == *time / kMinute) return false;
  const std::int64_t seconds = *time / 1000;
  if (!has_caught_up_ || !digest_.empty() || seconds < now.wall - kMaxClockDifference ||
      seconds > now.wall + kMaxClockDifference) {
    return false;
  }
  held_since_ = now.monotonic;
  id_ = item.id;
  ends_after_ = seconds + kClocks;
  return true;
}

bool Vote::is_held(Time now) const {
  return held_since_ && now.monotonic - *held_since_ < kMaxHeld && !replica_.is_settled();
}

bool Vote::wants_item(Time now) const {
  const std::chrono::milliseconds more(random_from(id_) % kMinute);
  return now.monotonic - item_at_ >= kQuiet + more;
}

std::vector<Command> Vote::ask(bool has_unsent, const revocation::Salt& salt, Time now) {
  if (held_since_) {
    held_since_.reset();
    if (has_unsent || !replica_.is_settled()) return {};
    digest_ = digest_of(replica_, salt, ends_after_);
    count_at_ = now.monotonic + kUntilCount + random_from(id_) % 3 * kUntilCount;
    return {{"HINCRBY", key(), digest_, "1"}, {"EXPIRE", key(), kKeptFor}};
  }
  if (digest_.empty() || now.monotonic < count_at_) return {};
  is_counting_ = true;
  return {{"HGETALL", key()}};
}

// The fewer have voted as this agent has, the more probable it is that it is the one that is wrong.
bool Vote::answer(std::span<const Reply> replies) {
  if (!is_counting_) return false;
  is_counting_ = false;
  const std::string own = std::exchange(digest_, "");
  const std::vector<Reply>& votes = replies[0].items;
  std::uint64_t all = 0, others = 0;
  for (std::size_t i = 0; i + 1 < votes.size(); i += 2) {
    const std::uint64_t count = read_decimal<std::uint32_t>(votes[i + 1].text).value_or(0);
    all += count;
    if (votes[i].text != own) others += count;
  }
  ++(others == 0 ? equal_ : different_);
  return others != 0 && random_from(id_) % all < 2 * others;
}

std::uint64_t Vote::random_from(std::string_view what) const {
  return number_of(SipHash24::compute(random_, as_bytes(what)));
}

}  // namespace sealring::agent
