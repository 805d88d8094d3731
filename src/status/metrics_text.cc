// SPDX-License-Identifier: Apache-2.0
// A report for Prometheus.
#include <optional>

#include "status/metrics_writer.h"
#include "status/report.h"

namespace sealring::status {
namespace {

using Writer = MetricsWriter;

void write_counters(const Report& report, Writer& out) {
  std::size_t index = 0;
  for (const CounterRow& row : kCounters) {
    out.begin(row.name, row.help, true);
    for (std::size_t i = 0; i < row.first.size(); ++i) {
      for (std::size_t j = 0; j < row.second.size(); ++j) {
        Writer& sample = out.sample();
        if (!row.first.name.empty()) sample.label(row.first.name, row.first.values[i]);
        if (!row.second.name.empty()) sample.label(row.second.name, row.second.values[j]);
        sample.value(report.values[index++]);
      }
    }
  }
}

std::uint64_t number(std::int64_t time) {
  return static_cast<std::uint64_t>(time);
}

// A row for each element; `value` returns nothing where it does not apply.
template <class Element, class Named, class Value>
void write_rows(Writer& out, const Row& row, const std::vector<Element>& elements, Named named,
                Value value) {
  out.begin(row.name, row.help, row.is_counter);
  for (const Element& element : elements) {
    if (const std::optional<std::uint64_t> number = value(element)) {
      named(out.sample(), element).value(*number);
    }
  }
}

void write_keys(const Report& report, Writer& out) {
  using Value = std::optional<std::uint64_t>;
  const auto named = [](Writer& sample, const KeyStatus& key) -> Writer& {
    return sample.label("algorithm", key.algorithm).label("kid", key.kid);
  };
  const auto rows = [&](const Row& row, auto value) {
    write_rows(out, row, report.keys, named, value);
  };
  rows(kKeySeals, [](const KeyStatus& key) { return Value(key.sealed); });
  rows(kKeyOpens, [](const KeyStatus& key) { return Value(key.opened); });
  rows(kKeySealLimit, [](const KeyStatus& key) {
    return key.algorithm == "A256GCM" ? Value(kSealLimit) : Value();
  });
  rows(kKeyPrimary, [](const KeyStatus& key) { return Value(key.primary); });
  rows(kKeyOpenUntil, [](const KeyStatus& key) {
    return key.open_until != 0 ? Value(number(key.open_until)) : Value();
  });
  rows(kKeyLastSeal, [](const KeyStatus& key) { return Value(number(key.last_seal)); });
  rows(kKeyLastOpen, [](const KeyStatus& key) { return Value(number(key.last_open)); });
  out.begin(kKeyLatestEnd.name, kKeyLatestEnd.help, false);
  for (const KeyStatus& key : report.keys) {
    const bool is_endless = key.latest_end == KeyCounts::kNeverEnds;
    named(out.sample(), key).value(is_endless ? "+Inf" : std::to_string(key.latest_end));
  }
}

void write_files(const Report& report, Writer& out) {
  using Value = std::optional<std::uint64_t>;
  const auto of_ring = [&](const Row& row, auto value) {
    write_rows(
        out, row, report.rings,
        [](Writer& sample, const RingStatus& ring) -> Writer& {
          return sample.label("keyring", ring.path);
        },
        value);
  };
  of_ring(kRingKeys, [](const RingStatus& ring) { return Value(ring.keys); });
  of_ring(kRingPrimarySince,
          [](const RingStatus& ring) { return Value(number(ring.primary_since)); });
  of_ring(kRingWritten, [](const RingStatus& ring) { return Value(number(ring.written_at)); });
  const auto of_list = [&](const Row& row, auto value) {
    write_rows(
        out, row, report.lists,
        [](Writer& sample, const ListStatus& list) -> Writer& {
          return sample.label("list", list.path);
        },
        value);
  };
  of_list(kListGeneration, [](const ListStatus& list) { return Value(list.generation); });
  of_list(kListEntries, [](const ListStatus& list) { return Value(list.entries); });
  of_list(kListPending, [](const ListStatus& list) { return Value(list.pending); });
  of_list(kListWritten, [](const ListStatus& list) { return Value(number(list.written_at)); });
  of_list(kListConfirmed, [](const ListStatus& list) { return Value(number(list.confirmed_at)); });
  of_list(kListStale, [](const ListStatus& list) { return Value(list.stale); });
}

}  // namespace

std::string metrics_text(const Report& report, Format format) {
  Writer out(format == Format::openmetrics);
  out.begin(kInfo.name, kInfo.help, false);
  out.sample().label("version", SEALRING_VERSION).value("1");
  out.begin(kSince.name, kSince.help, false);
  out.sample().value(number(report.since));
  write_counters(report, out);
  write_keys(report, out);
  write_files(report, out);
  return std::move(out).finish();
}

}  // namespace sealring::status
