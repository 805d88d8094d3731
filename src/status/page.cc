// SPDX-License-Identifier: Apache-2.0
// A report for people: one HTML page that needs no script and loads nothing.
#include <algorithm>

#include "base/utf8.h"
#include "status/report.h"

namespace sealring::status {
namespace {

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>sealring status</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta http-equiv="refresh" content="30">
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 64rem; padding: 1rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
p { margin: .3rem 0; } code { overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #8886; padding: .3rem .5rem; text-align: right; vertical-align: top; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
th { font-weight: 600; } .good { color: #176f2c; } .bad { color: #b3261e; }
svg { display: block; height: 1.2rem; width: 100%; min-width: 4rem; } rect { fill: #b3261e; }
@media (prefers-color-scheme: dark) { .good { color: #6fcf85; } .bad { color: #ff8a80; } rect { fill: #ff8a80; } }
</style></head><body>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : utf8::is_valid(text) ? text : "not UTF-8") {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string code(std::string_view text) {
  return "<code>" + escaped(text) + "</code>";
}

// "3 days"
std::string span_of(std::int64_t seconds) {
  const struct {
    std::int64_t size;
    const char* name;
  } units[] = {{86400, " day"}, {3600, " hour"}, {60, " minute"}, {1, " second"}};
  for (const auto& unit : units) {
    const std::int64_t count = seconds / unit.size;
    if (count != 0 || unit.size == 1) {
      return std::to_string(count) + unit.name + (count == 1 ? "" : "s");
    }
  }
  return {};
}

std::string cell(const std::string& content, std::string_view kind = {}) {
  return (kind.empty() ? "<td>" : "<td class=\"" + std::string(kind) + "\">") + content + "</td>";
}

std::string cells(const Recent& recent) {
  std::string text;
  for (const std::uint64_t count : recent) text += cell(std::to_string(count));
  return text;
}

std::string last_open(const Report& report, const KeyStatus& key) {
  return key.last_open == 0
             ? "It has opened no token since counting began " + span_of(report.now - key.since) +
                   " ago."
             : "It opened its last token " + span_of(report.now - key.last_open) + " ago.";
}

std::string advice(const Report& report, const KeyStatus& key) {
  switch (report.removal_of(key)) {
    case Removal::closed:
      return "<span class=\"good\">It can go: it no longer opens tokens.</span>";
    case Removal::possible:
      return "<span class=\"good\">" + last_open(report, key) +
             (key.latest_end != 0 ? " It can go: all of its tokens that were seen here have ended. "
                                    "It has been counted for " +
                                        span_of(report.now - key.since) + "."
                                  : " It can go if no token lives longer than that.") +
             "</span>";
    case Removal::unknown:
      return "It is not counted by itself, so it is not known whether it can go.";
    case Removal::needed:
      break;
  }
  if (key.primary) return "It seals now.";
  if (key.pending) return "It seals later.";
  return last_open(report, key) +
         (key.latest_end == KeyCounts::kNeverEnds
              ? " Some of its tokens never end."
              : " It is needed: the last of its tokens ends in " +
                    span_of(static_cast<std::int64_t>(key.latest_end) - report.now) + ".");
}

std::string budget(const KeyStatus& key) {
  if (key.algorithm != "A256GCM") return {};
  const std::uint64_t percent = key.sealed * 100 / kSealLimit;
  return " It has sealed " + std::to_string(percent) + "% of the 2^32 tokens that it may.";
}

std::string keys(const Report& report) {
  std::string text =
      "<h2>Keys</h2><div class=\"wide\"><table id=\"keys\"><thead><tr><th>Key</th>"
      "<th colspan=\"3\">Sealed in the last<br>minute, hour, day</th>"
      "<th colspan=\"3\">Opened in the last<br>minute, hour, day</th><th class=\"text\">Use</th>"
      "</tr></thead><tbody>\n";
  for (const KeyStatus& key : report.keys) {
    const std::string name = key.kid.empty() ? escaped(key.algorithm) : code(key.kid);
    const std::string note = key.algorithm == "others" ? "All keys beyond the first " +
                                                             std::to_string(Counters::kKeys) + "."
                             : key.in_ring ? advice(report, key) + budget(key)
                                           : "It is in no key ring any more.";
    text += "<tr>" + cell(name) + cells(key.recently_sealed) + cells(key.recently_opened) +
            cell(note, "text") + "</tr>\n";
  }
  return text + "</tbody></table></div>\n";
}

// What was counted in each step of the last day, as bars.
std::string sparkline(const Course& course) {
  const std::uint64_t most = std::max<std::uint64_t>(1, *std::ranges::max_element(course));
  std::string text = "<svg viewBox=\"0 0 " + std::to_string(course.size()) +
                     " 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\">";
  for (std::size_t i = 0; i < course.size(); ++i) {
    if (course[i] == 0) continue;
    const std::uint64_t height = std::max<std::uint64_t>(1, course[i] * 20 / most);
    text += "<rect x=\"" + std::to_string(i) + "\" y=\"" + std::to_string(20 - height) +
            "\" width=\"1\" height=\"" + std::to_string(height) + "\"/>";
  }
  return text + "</svg>";
}

// The values of a counter's first label from `first` on, without those that are 0.
std::string over_time(const Report& report, Counter counter, std::size_t first, std::string_view id,
                      std::string_view title) {
  const auto& names = kCounters[static_cast<std::size_t>(counter)].first.values;
  std::string rows;
  for (std::size_t i = first; i < names.size(); ++i) {
    const SumStatus& sum = report.over_time[over_time_offset_of(counter) + i];
    if (sum.total == 0) continue;
    rows += "<tr>" + cell(std::string(names[i])) + cells(sum.recent) +
            cell(std::to_string(sum.total)) + cell(sparkline(sum.course), "text") + "</tr>\n";
  }
  if (rows.empty()) return {};
  return "<h2>" + std::string(title) + "</h2><div class=\"wide\"><table id=\"" + std::string(id) +
         "\"><thead><tr><th>Reason</th><th>Minute</th><th>Hour</th><th>Day</th><th>In all</th>"
         "<th class=\"text\">The last day</th></tr></thead><tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string totals(const Report& report) {
  const auto opened = [&](Counter counter) {
    return std::to_string(report.over_time[over_time_offset_of(counter)].total);
  };
  const auto changed = [&](std::size_t change) {
    return std::to_string(report.value(Counter::session_changes, change));
  };
  return "<h2>Since counting began</h2><p id=\"totals\">" + opened(Counter::tokens_opened) +
         " tokens opened; " + opened(Counter::sessions_opened) + " requests with a good session; " +
         changed(2) + " sessions started, " + changed(0) + " renewed, " + changed(3) +
         " ended by the application or by a forged proof; " +
         std::to_string(report.value(Counter::binding_requests, 0, 0)) + " devices registered; " +
         opened(Counter::sealed_cookies_received) + " sealed cookies opened.</p>\n";
}

std::string refusals(const Report& report) {
  return totals(report) +
         over_time(report, Counter::tokens_opened, 1, "tokens", "Refused tokens, by reason") +
         over_time(report, Counter::sessions_opened, 1, "sessions", "Refused sessions, by reason") +
         over_time(report, Counter::unbound_sessions, 0, "unbound", "Unbound sessions, by reason") +
         over_time(report, Counter::binding_refusals, 0, "binding",
                   "Registrations and refreshes of devices that failed, by reason") +
         over_time(report, Counter::sealed_cookies_received, 1, "cookies",
                   "Sealed cookies that were not opened, by reason");
}

std::string files(const Report& report) {
  std::string text = "<h2>Key rings and revocation lists</h2>\n";
  for (const RingStatus& ring : report.rings) {
    text += "<p>" + code(ring.path) + ": " + std::to_string(ring.keys) +
            (ring.keys == 1 ? " key" : " keys");
    if (ring.primary.empty()) {
      text += "; <span class=\"bad\">none of them seals</span>";
    } else if (ring.primary_since != 0) {
      text +=
          "; " + code(ring.primary) + " has sealed for " + span_of(report.now - ring.primary_since);
    }
    text += ".</p>\n";
  }
  for (const ListStatus& list : report.lists) {
    text += "<p>" + code(list.path) + ": " + std::to_string(list.entries) + " entries, " +
            std::to_string(list.pending) + " more that only this server has; generation " +
            std::to_string(list.generation) + ", confirmed " +
            span_of(report.now - list.confirmed_at) + " ago";
    text += list.stale ? ". <span class=\"bad\">It is stale: is its agent running?</span></p>\n"
                       : ".</p>\n";
  }
  for (std::size_t i = 0; i < std::size(kFiles); ++i) {
    const std::uint64_t count = report.value(Counter::file_refusals, i);
    if (count == 0) continue;
    text += "<p class=\"bad\">A changed file (" + std::string(kFiles[i]) + ") was refused " +
            std::to_string(count) + " times; the server's error log says why.</p>\n";
  }
  return text;
}

}  // namespace

std::string page_text(const Report& report) {
  return std::string(kHead) + "<h1>sealring " SEALRING_VERSION "</h1><p>Counted for " +
         span_of(report.now - report.since) + ", by this server.</p>\n" + keys(report) +
         refusals(report) + files(report) + "</body></html>\n";
}

}  // namespace sealring::status
