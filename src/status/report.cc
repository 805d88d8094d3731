// SPDX-License-Identifier: Apache-2.0
#include "status/report.h"

#include <algorithm>

namespace sealring::status {

Report Report::of(Counters& counters, std::int64_t now) {
  counters.tick(now);
  Report report;
  report.now = now;
  report.since = counters.since();
  for (std::size_t i = 0; i < kValueCount; ++i) report.values[i] = counters.value(i);
  for (std::size_t i = 0; i < kOverTimeCount; ++i) {
    const std::uint64_t total = counters.sum_over_time(i);
    const History& history = counters.history(i);
    report.over_time[i] = {total, history.recent(total, now), history.course(total, now)};
  }
  for (std::size_t i = 0; i <= Counters::kKeys; ++i) {
    auto named = counters.key_at(i);
    if (!named) continue;
    KeyStatus& key = report.keys.emplace_back();
    key.algorithm = named->algorithm;
    key.kid = std::move(named->kid);
    const KeyCounts& counts = *named->counts;
    key.sealed = counts.sealed().value();
    key.opened = counts.opened().value();
    key.recently_sealed = counts.sealed().recent(now);
    key.recently_opened = counts.opened().recent(now);
    key.last_seal = counts.last_seal();
    key.last_open = counts.last_open();
    key.latest_end = counts.latest_end();
    key.since = counts.since();
  }
  return report;
}

// Old keys have no kid, and those of one algorithm are counted together: what one of them still
// does, they do.
void Report::add(const Key& key, bool primary) {
  const std::string_view algorithm = row(key.algorithm).name;
  auto found = std::ranges::find_if(keys, [&](const KeyStatus& known) {
    return known.algorithm == algorithm && known.kid == key.kid;
  });
  if (found == keys.end()) {
    keys.emplace_back();
    found = keys.end() - 1;
    found->algorithm = algorithm;
    found->kid = key.kid;
  }
  const bool is_bound_later = key.open_until == 0 || key.open_until > found->open_until;
  if (!found->in_ring || (found->open_until != 0 && is_bound_later)) {
    found->open_until = key.open_until;
  }
  found->in_ring = true;
  found->primary |= primary;
  found->pending |= key.may_seal && key.seal_from > now && key.opens_at(now);
}

void Report::add(const LiveKeyring& live) {
  const auto ring = live.current();
  const Key* const primary = ring->primary(now);
  for (const Key& key : ring->keys()) add(key, &key == primary);
  const std::string path = live.path().empty() ? "configuration" : live.path();
  if (std::ranges::find(rings, path, &RingStatus::path) != rings.end()) return;
  RingStatus& status = rings.emplace_back();
  status.path = path;
  status.keys = ring->keys().size();
  status.written_at = live.written_at();
  if (primary == nullptr) return;
  status.primary = primary->kid.empty() ? row(primary->algorithm).name : primary->kid;
  status.primary_since = primary->seal_from;
}

void Report::add(const revocation::Revocations& revocations) {
  if (std::ranges::find(lists, revocations.path(), &ListStatus::path) != lists.end()) return;
  const auto file = revocations.current();
  const revocation::Header& header = file->list->header();
  ListStatus& status = lists.emplace_back();
  status.path = revocations.path();
  status.generation = header.generation;
  status.entries = file->list->size();
  const auto pending = revocations.pending();
  status.pending = pending ? pending->count_unlisted(*file->list, now) : 0;
  status.written_at = header.written_at;
  status.confirmed_at = file->confirmed_at;
  status.max_staleness = header.max_staleness;
  status.stale = file->is_stale(now);
}

Removal Report::removal_of(const KeyStatus& key) const {
  if (key.open_until != 0 && key.open_until <= now) return Removal::closed;
  const bool has_live_tokens = key.latest_end > static_cast<std::uint64_t>(now);
  if (key.primary || key.pending || has_live_tokens) return Removal::needed;
  return key.since == 0 ? Removal::unknown : Removal::possible;
}

namespace {

bool accepts(std::string_view accept, std::string_view type) noexcept {
  return accept.find(type) != std::string_view::npos;
}

}  // namespace

Format format_for(std::string_view path, std::string_view accept) noexcept {
  if (path.ends_with(".json")) return Format::json;
  if (path.ends_with(".prom")) return Format::prometheus;
  if (accepts(accept, "text/html")) return Format::page;
  if (accepts(accept, "application/openmetrics-text")) return Format::openmetrics;
  if (accepts(accept, "application/json")) return Format::json;
  return Format::prometheus;
}

std::string_view content_type(Format format) noexcept {
  switch (format) {
    case Format::openmetrics:
      return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    case Format::json:
      return "application/json";
    case Format::page:
      return "text/html; charset=utf-8";
    default:
      return "text/plain; version=0.0.4; charset=utf-8";
  }
}

std::string write(const Report& report, Format format) {
  switch (format) {
    case Format::json:
      return json_text(report);
    case Format::page:
      return page_text(report);
    default:
      return metrics_text(report, format);
  }
}

}  // namespace sealring::status
