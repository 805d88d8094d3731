// SPDX-License-Identifier: Apache-2.0
#include "status/counters.h"

#include <algorithm>

namespace sealring::status {
namespace {

constexpr auto kRelaxed = std::memory_order_relaxed;

constexpr std::uint64_t hash(std::uint64_t hash, std::string_view text) {
  for (const char c : text) {
    hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;  // FNV-1a
  }
  return (hash ^ 0xff) * 0x100000001b3;  // no text has this byte at its end
}
constexpr std::uint64_t kSeed = 0xcbf29ce484222325;

// Another list of counters, or another layout, gives another form.
constexpr std::uint64_t form() {
  std::uint64_t form = hash(kSeed, "1");
  for (const CounterRow& row : kCounters) {
    form = hash(form, row.name);
    for (const Label& label : {row.first, row.second}) {
      for (const std::string_view value : label.values) form = hash(form, value);
    }
  }
  return form ^ sizeof(Counters);
}

// A claim of a place: a key's ID, with the lower bits free, and a minute.
constexpr std::uint64_t kMinutes = (std::uint64_t{1} << 24) - 1;

std::uint64_t id_of(const Key& key) noexcept {
  return (hash(hash(kSeed, row(key.algorithm).name), key.kid) | (kMinutes + 1)) & ~kMinutes;
}

constexpr std::uint64_t claim_of(std::uint64_t id, std::int64_t now) {
  return id | (static_cast<std::uint64_t>(now / 60) & kMinutes);
}

constexpr bool is_of(std::uint64_t claim, std::uint64_t id) {
  return (claim & ~kMinutes) == id;
}

// Steps of all windows begin at this one's. So none begins without a tick.
constexpr std::uint64_t begin_of_step(std::int64_t now) {
  return static_cast<std::uint64_t>(now - now % kWindows[0].step);
}
static_assert(std::ranges::all_of(kWindows, [](auto& window) {
  return window.step % kWindows[0].step == 0;
}));

// A time that is later than now is that of another process, or of a clock that was set back.
constexpr bool is_unused(std::uint64_t claim, std::int64_t now) {
  const std::uint64_t minutes = (static_cast<std::uint64_t>(now / 60) - claim) & kMinutes;
  return minutes > Counters::kUnusedMinutes && minutes < kMinutes / 2;
}

}  // namespace

// The value at the beginning of step s is at s % (steps + 1).
Recent History::recent(std::uint64_t value, std::int64_t now) const noexcept {
  Recent recent{};
  std::size_t begin = 0;
  for (std::size_t i = 0; i < kWindows.size(); ++i) {
    const auto [step, steps] = kWindows[i];
    // That many steps ago, plus one.
    const auto oldest =
        static_cast<std::size_t>((static_cast<std::uint64_t>(now / step) + 1) % (steps + 1));
    recent[i] = value - std::min(value, noted_[begin + oldest].load(kRelaxed));
    begin += steps + 1;
  }
  return recent;
}

Course History::course(std::uint64_t value, std::int64_t now) const noexcept {
  const auto [step, steps] = kWindows.back();
  const std::span<const Word> noted = std::span(noted_).last(steps + 1);
  Course course{};
  for (std::size_t i = 0; i < steps; ++i) {
    const std::uint64_t at = static_cast<std::uint64_t>(now / step) - i;
    const std::uint64_t before = std::min(value, noted[at % (steps + 1)].load(kRelaxed));
    course[steps - 1 - i] = value - before;
    value = before;
  }
  return course;
}

void History::note(std::uint64_t value, std::int64_t before, std::int64_t now) noexcept {
  std::size_t begin = 0;
  for (const auto [step, steps] : kWindows) {
    const auto size = static_cast<std::int64_t>(steps) + 1;
    const std::int64_t last = now / step;
    for (std::int64_t s = std::max(before / step + 1, last - size + 1); s <= last; ++s) {
      noted_[begin + static_cast<std::size_t>(s % size)].store(value, kRelaxed);
    }
    begin += steps + 1;
  }
}

void History::clear() noexcept {
  for (Word& noted : noted_) noted.store(0, kRelaxed);
}

// `end`: that of the token less one, so that "never", which is 0 in tokens, is the greatest.
void KeyCounts::raise_latest_end(std::uint64_t end) noexcept {
  const std::uint64_t to = end == UINT64_MAX ? kNeverEnds : end + 1;
  std::uint64_t known = latest_end_.load(kRelaxed);
  while (known < to && !latest_end_.compare_exchange_weak(known, to, kRelaxed)) {
  }
}

Counters* Counters::attach(MutableBytes memory, std::int64_t now) noexcept {
  if (memory.size() < sizeof(Counters)) return nullptr;
  auto* const counters = reinterpret_cast<Counters*>(memory.data());
  if (counters->form_.load() != form()) {
    counters->clear(now);
    counters->form_.store(form());
  }
  return counters;
}

void Counters::clear(std::int64_t now) noexcept {
  form_.store(0);
  auto* const counters = new (this) Counters();
  counters->since_.store(static_cast<std::uint64_t>(now));
  counters->ticked_at_.store(begin_of_step(now));
}

// Two processes that claim a place for the same key at once get the same, because both try the same
// free place first, and see the other's claim there.
KeyCounts* Counters::claim(std::uint64_t id, std::int64_t now) noexcept {
  const auto places = std::span(keys_).first(kKeys);
  const std::uint64_t claim = claim_of(id, now);
  for (KeyCounts& place : places) {
    std::uint64_t other = place.claim_.load();
    while (is_of(other, id)) {
      if (place.claim_.compare_exchange_strong(other, claim)) return &place;
    }
  }
  for (const bool even_others : {false, true}) {
    for (KeyCounts& place : places) {
      std::uint64_t other = place.claim_.load();
      while (other == 0 || (even_others && is_unused(other, now))) {
        if (!place.claim_.compare_exchange_strong(other, claim)) continue;
        place.since_.store(static_cast<std::uint64_t>(now));
        place.sealed_.clear();
        place.opened_.clear();
        for (Word* word : {&place.last_seal_, &place.last_open_, &place.latest_end_}) {
          word->store(0);
        }
        return &place;
      }
      if (is_of(other, id)) return &place;
    }
  }
  return nullptr;
}

KeyCounts& Counters::counts_of(const Key& key, std::int64_t now) noexcept {
  KeyCounts* const place = claim(id_of(key), now);
  if (place == nullptr) {
    keys_.back().claim_.store(1);
    return keys_.back();
  }
  place->algorithm_.store(static_cast<std::uint64_t>(key.algorithm));
  const Bytes kid = as_bytes(key.kid);
  for (std::size_t i = 0; i < place->kid_.size(); ++i) {
    std::array<std::uint8_t, 8> bytes{};
    const Bytes from = kid.subspan(std::min(8 * i, kid.size()));
    copy(from.first(std::min<std::size_t>(8, from.size())), bytes);
    place->kid_[i].store(load_big_endian(std::span<const std::uint8_t, 8>(bytes)));
  }
  return *place;
}

std::optional<Counters::Named> Counters::key_at(std::size_t index) const {
  const KeyCounts& counts = keys_[index];
  if (counts.claim_.load() == 0) return std::nullopt;
  if (index == kKeys) return Named{"others", {}, &counts};
  std::string kid;
  for (const Word& word : counts.kid_) {
    std::array<std::uint8_t, 8> bytes;
    store_big_endian(word.load(), std::span(bytes));
    kid += as_text(bytes);
  }
  kid.resize(std::min(kid.find('\0'), kid.size()));
  const auto algorithm = static_cast<std::size_t>(counts.algorithm_.load());
  return Named{kAlgorithms[std::min(algorithm, kAlgorithms.size() - 1)].name, std::move(kid),
               &counts};
}

// One process does this; the others go on. Their times differ a little. After the clock was set
// back, it is as if it was new.
void Counters::note_all(std::int64_t now) noexcept {
  std::uint64_t before = ticked_at_.load();
  const std::int64_t passed = now - static_cast<std::int64_t>(before);
  if (passed <= 0 && passed > -60) return;
  if (!ticked_at_.compare_exchange_strong(before, begin_of_step(now))) return;
  const std::int64_t noted =
      static_cast<std::int64_t>(before) < now ? static_cast<std::int64_t>(before) : 0;
  for (KeyCounts& key : keys_) {
    if (key.claim_.load() == 0) continue;
    for (Count* count : {&key.sealed_, &key.opened_}) count->note(noted, now);
  }
  for (std::size_t i = 0; i < kOverTimeCount; ++i) histories_[i].note(sum_over_time(i), noted, now);
}

std::uint64_t Counters::sum_over_time(std::size_t index) const noexcept {
  std::uint64_t sum = 0;
  const auto [begin, size] = kSumsOverTime[index];
  for (const Word& value : std::span(values_).subspan(begin, size)) sum += value.load(kRelaxed);
  return sum;
}

}  // namespace sealring::status
