// SPDX-License-Identifier: Apache-2.0
// What operators see of a server at one moment: gathered once, then written in several formats.
#pragma once

#include <vector>

#include "keys/live_keyring.h"
#include "revocation/revocations.h"
#include "status/counters.h"

namespace sealring::status {

struct KeyStatus {
  std::string algorithm{};
  std::string kid{};  // empty: it has none
  bool in_ring = false;
  bool primary = false;
  bool pending = false;  // it seals later
  std::int64_t open_until = 0;
  std::uint64_t sealed = 0, opened = 0;
  Recent recently_sealed{}, recently_opened{};
  std::int64_t last_seal = 0, last_open = 0;  // 0: not since counting began
  std::uint64_t latest_end = 0;               // as KeyCounts::latest_end()
  std::int64_t since = 0;                     // 0: it is not counted, at least not by itself
};

// One of kSumsOverTime.
struct SumStatus {
  std::uint64_t total = 0;
  Recent recent{};
  Course course{};
};

struct RingStatus {
  std::string path{};  // "configuration" for a ring that has no file
  std::size_t keys = 0;
  std::string primary{};  // its kid, or its algorithm; empty: no key seals
  std::int64_t primary_since = 0;
  std::int64_t written_at = 0;  // 0: it has no file
};

struct ListStatus {
  std::string path{};
  std::uint64_t generation = 0;
  std::size_t entries = 0, pending = 0;
  std::int64_t written_at = 0, confirmed_at = 0, max_staleness = 0;
  bool stale = false;
};

// Whether a key can be removed from its ring.
enum class Removal {
  needed,    // it seals now or later, or tokens of it are known that have not ended
  possible,  // nothing of it was seen since counting began, or its tokens have ended as far as
             // known
  closed,    // it no longer opens
  unknown,   // it is not counted by itself
};

class Report {
 public:
  static Report of(Counters& counters, std::int64_t now);

  void add(const LiveKeyring& ring);
  void add(const revocation::Revocations& revocations);

  std::int64_t now = 0;
  std::int64_t since = 0;
  std::array<std::uint64_t, kValueCount> values{};
  std::array<SumStatus, kOverTimeCount> over_time{};
  std::vector<KeyStatus> keys;
  std::vector<RingStatus> rings;
  std::vector<ListStatus> lists;

  std::uint64_t value(Counter counter, std::size_t first = 0, std::size_t second = 0) const {
    return values[offset_of(counter) +
                  first * kCounters[static_cast<std::size_t>(counter)].second.size() + second];
  }
  Removal removal_of(const KeyStatus& key) const;

 private:
  void add(const Key& key, bool primary);
};

// How many tokens an A256GCM key may seal (spec/token-jwe.md section 9.1).
inline constexpr std::uint64_t kSealLimit = std::uint64_t{1} << 32;

enum class Format { prometheus, openmetrics, json, page };

// What a request asks for: by the end of its path, ".prom" or ".json"; else by its Accept header.
Format format_for(std::string_view path, std::string_view accept) noexcept;
std::string_view content_type(Format format) noexcept;

std::string write(const Report& report, Format format);

// The parts of write().
std::string metrics_text(const Report& report, Format format);
std::string json_text(const Report& report);
std::string page_text(const Report& report);

}  // namespace sealring::status
