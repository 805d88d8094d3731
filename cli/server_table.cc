// SPDX-License-Identifier: Apache-2.0
#include "server_table.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "clock.h"
#include "status_text.h"
#include "text.h"

namespace sealring::cli {
namespace {

using nlohmann::json;

std::string use_of(const json& key, std::int64_t now) {
  if (flag_in(key, "primary")) return "seals now";
  if (!flag_in(key, "in_keyring")) return "in no key ring any more";
  const std::string removal = text_in(key, "removal");
  if (removal == "closed") return "closed: it can go";
  const std::uint64_t last = number_in(key, "last_open");
  const std::uint64_t since = number_in(key, "counting_since");
  const bool is_counted = last != 0 || since != 0;
  const std::string opened =
      !is_counted ? "not counted by itself"
      : last != 0 ? "opened last " + utc_time_and_distance(last, now)
                  : "opened nothing since counting began " + utc_time_and_distance(since, now);
  if (removal == "needed") return "needed: " + opened;
  if (removal != "possible" || !is_counted) {
    return "not counted by itself: it is not known whether it can go";
  }
  return "can go if no token of it is older: " + opened;
}

std::string keys_text(const json& report, std::int64_t now) {
  std::vector<Row> rows = {
      {"key", "algorithm", "sealed/min", "/hour", "/day", "opened/min", "/hour", "/day", "use"}};
  for (const json& key : member(report, "keys")) {
    const json &sealed = member(key, "sealed"), &opened = member(key, "opened");
    const auto count = [](const json& of, const char* name) {
      return std::to_string(number_in(of, name));
    };
    const std::string kid = text_in(key, "kid");
    rows.push_back({kid.empty() ? "-" : kid, text_in(key, "alg"), count(sealed, "minute"),
                    count(sealed, "hour"), count(sealed, "day"), count(opened, "minute"),
                    count(opened, "hour"), count(opened, "day"), use_of(key, now)});
  }
  return layout(rows, [](std::size_t i) { return i >= 2 && i < 8; });
}

// Each row of a counter begins with its name, which another server need not keep short.
constexpr std::size_t kMaxName = 100;

// Each counter that is not 0.
std::string counters_text(const json& report) {
  std::string text;
  for (const auto& [name, rows] : member(report, "counters").items()) {
    for (const json& row : rows) {
      if (number_in(row, "value") == 0) continue;
      text += "  " + printable(name.substr(0, kMaxName));
      for (const auto& [label, value] : row.items()) {
        if (value.is_string()) text += " " + printable(label) + "=" + text_in(row, label.c_str());
      }
      text += ": " + std::to_string(number_in(row, "value")) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string server_text(const json& report) {
  const auto now = static_cast<std::int64_t>(number_in(report, "now"));
  std::string text = "sealring " + text_in(report, "version") + ", counting since " +
                     utc_time_and_distance(number_in(report, "counting_since"), now) + "\n\n" +
                     keys_text(report, now) + "\n" + counters_text(report) + "\n";
  for (const json& ring : member(report, "keyrings")) {
    const std::string primary = text_in(ring, "primary");
    text += text_in(ring, "keyring") + ": " + std::to_string(number_in(ring, "keys")) + " keys, " +
            (primary.empty() ? "NONE seals" : primary + " seals") + "\n";
  }
  for (const json& list : member(report, "revocation_lists")) {
    text += text_in(list, "list") + ": " + std::to_string(number_in(list, "entries")) +
            " entries, generation " + std::to_string(number_in(list, "generation")) +
            ", confirmed " + utc_time_and_distance(number_in(list, "confirmed_at"), now) +
            (flag_in(list, "stale") ? ", STALE" : "") + "\n";
  }
  return text;
}

}  // namespace sealring::cli
