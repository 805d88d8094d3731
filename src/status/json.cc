// SPDX-License-Identifier: Apache-2.0
// A report as JSON: the counters by the names of their metrics, and an object for each key, key
// ring and revocation list.
#include "base/utf8.h"
#include "status/report.h"

namespace sealring::status {
namespace {

class Writer {
 public:
  Writer& open(char bracket) { return separate(bracket); }
  Writer& close(char bracket) {
    text_ += bracket;
    first_ = false;
    return *this;
  }
  Writer& name(std::string_view name) {
    string(name);
    text_ += ':';
    first_ = true;
    return *this;
  }
  Writer& string(std::string_view value) {
    separate('"');
    constexpr std::string_view kHex = "0123456789abcdef";
    for (const char c : utf8::is_valid(value) ? value : "not UTF-8") {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20) {
        (((text_ += "\\u00") += kHex[byte >> 4]) += kHex[byte & 15]);
        continue;
      }
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    return close('"');
  }
  Writer& raw(std::string_view value) {
    if (!first_) text_ += ',';
    text_ += value;
    first_ = false;
    return *this;
  }
  template <class Number>
  Writer& number(Number value) {
    return raw(std::to_string(value));
  }
  Writer& boolean(bool value) { return raw(value ? "true" : "false"); }

  std::string finish() && { return std::move(text_) + "\n"; }

 private:
  Writer& separate(char begin) {
    if (!first_) text_ += ',';
    text_ += begin;
    first_ = true;
    return *this;
  }

  std::string text_;
  bool first_ = true;
};

void write_counters(const Report& report, Writer& out) {
  std::size_t index = 0;
  out.name("counters").open('{');
  for (const CounterRow& row : kCounters) {
    out.name(std::string(row.name) + "_total").open('[');
    for (std::size_t i = 0; i < row.first.size(); ++i) {
      for (std::size_t j = 0; j < row.second.size(); ++j) {
        out.open('{');
        if (!row.first.name.empty()) out.name(row.first.name).string(row.first.values[i]);
        if (!row.second.name.empty()) out.name(row.second.name).string(row.second.values[j]);
        out.name("value").number(report.values[index++]).close('}');
      }
    }
    out.close(']');
  }
  out.close('}');
}

void write_recent(Writer& out, const Recent& recent) {
  out.name("minute").number(recent[0]).name("hour").number(recent[1]).name("day").number(recent[2]);
}

// How much the counters that are noted over time have grown.
void write_over_time(const Report& report, Writer& out) {
  std::size_t index = 0;
  out.name("recently").open('{');
  for (const CounterRow& row : kCounters) {
    if (!row.over_time) continue;
    out.name(std::string(row.name) + "_total").open('[');
    for (const std::string_view value : row.first.values) {
      out.open('{').name(row.first.name).string(value);
      write_recent(out, report.over_time[index++].recent);
      out.close('}');
    }
    out.close(']');
  }
  out.close('}');
}

void write_counts(Writer& out, std::string_view name, std::uint64_t total, const Recent& recent) {
  out.name(name).open('{').name("total").number(total);
  write_recent(out, recent);
  out.close('}');
}

// In the order of Removal.
constexpr std::string_view kRemovals[] = {"needed", "possible", "closed", "unknown"};
static_assert(std::size(kRemovals) == static_cast<std::size_t>(Removal::unknown) + 1);

void write_key(const Report& report, const KeyStatus& key, Writer& out) {
  out.open('{').name("kid").string(key.kid).name("alg").string(key.algorithm);
  out.name("in_keyring").boolean(key.in_ring).name("primary").boolean(key.primary);
  out.name("open_until").number(key.open_until).name("counting_since").number(key.since);
  write_counts(out, "sealed", key.sealed, key.recently_sealed);
  write_counts(out, "opened", key.opened, key.recently_opened);
  out.name("last_seal").number(key.last_seal).name("last_open").number(key.last_open);
  out.name("latest_end");
  if (key.latest_end == KeyCounts::kNeverEnds) {
    out.string("never");
  } else {
    out.number(key.latest_end);
  }
  if (key.algorithm == "A256GCM") out.name("seal_limit").number(kSealLimit);
  out.name("removal")
      .string(kRemovals[static_cast<std::size_t>(report.removal_of(key))])
      .close('}');
}

}  // namespace

std::string json_text(const Report& report) {
  Writer out;
  out.open('{').name("version").string(SEALRING_VERSION);
  out.name("now").number(report.now).name("counting_since").number(report.since);
  write_counters(report, out);
  write_over_time(report, out);
  out.name("keys").open('[');
  for (const KeyStatus& key : report.keys) write_key(report, key, out);
  out.close(']').name("keyrings").open('[');
  for (const RingStatus& ring : report.rings) {
    out.open('{').name("keyring").string(ring.path).name("keys").number(ring.keys);
    out.name("primary").string(ring.primary).name("primary_since").number(ring.primary_since);
    out.name("written_at").number(ring.written_at);
    out.close('}');
  }
  out.close(']').name("revocation_lists").open('[');
  for (const ListStatus& list : report.lists) {
    out.open('{').name("list").string(list.path).name("generation").number(list.generation);
    out.name("entries").number(list.entries).name("pending").number(list.pending);
    out.name("written_at").number(list.written_at).name("confirmed_at").number(list.confirmed_at);
    out.name("max_staleness").number(list.max_staleness).name("stale").boolean(list.stale);
    out.close('}');
  }
  return std::move(out.close(']').close('}')).finish();
}

}  // namespace sealring::status
