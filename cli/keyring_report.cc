// SPDX-License-Identifier: Apache-2.0
#include "keyring_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "clock.h"
#include "json_line.h"

namespace sealring::cli {
namespace {

using Row = std::array<std::string, 5>;

bool is_pending(const Key& key, std::int64_t now) {
  return key.may_seal && key.seal_from > now &&
         (key.open_until == 0 || key.seal_from < key.open_until);
}

// The key that takes over next. If several have the same time, the one that wins.
const Key* next_key(const Keyring& ring, std::int64_t now) {
  const Key* next = nullptr;
  for (const Key& key : ring.keys()) {
    if (is_pending(key, now) && (next == nullptr || key.seal_from <= next->seal_from)) next = &key;
  }
  return next;
}

using ShowTime = std::string (*)(std::uint64_t);

std::string seals_from(const Key& key, ShowTime show) {
  if (!key.may_seal) return key.seal_from == 0 ? "never" : "withdrawn";
  return key.seal_from == 0 ? "always" : show(static_cast<std::uint64_t>(key.seal_from));
}

std::string opens_until(const Key& key, ShowTime show) {
  return key.open_until == 0 ? "no end" : show(static_cast<std::uint64_t>(key.open_until));
}

// For each key a row in local time and, if that differs, one in UTC.
std::vector<Row> rows_of(const Keyring& ring, std::int64_t now) {
  const Key* primary = ring.primary(now);
  const Key* next = next_key(ring, now);
  std::vector<Row> rows = {{"KID", "ALGORITHM", "STATE", "SEALS FROM", "OPENS UNTIL"}};
  for (const Key& key : ring.keys()) {
    const char* state = &key == primary        ? "seals now"
                        : &key == next         ? "seals next"
                        : is_pending(key, now) ? "seals later"
                        : key.opens_at(now)    ? "opens"
                                               : "closed";
    const Row local = {key.kid.empty() ? "-" : key.kid, std::string(row(key.algorithm).name), state,
                       seals_from(key, local_time), opens_until(key, local_time)};
    Row utc = {"", "", "", seals_from(key, utc_time), opens_until(key, utc_time)};
    for (std::size_t i = 3; i < utc.size(); ++i) {
      if (utc[i] == local[i]) utc[i].clear();
    }
    rows.push_back(local);
    if (utc != Row{}) rows.push_back(utc);
  }
  return rows;
}

std::string layout(std::span<const Row> rows) {
  std::array<std::size_t, std::tuple_size_v<Row>> widths{};
  for (const Row& cells : rows) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string text;
  for (const Row& cells : rows) {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      line += cells[i] + std::string(widths[i] - cells[i].size() + 2, ' ');
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

// See spec/token-jwe.md section 9.1. How many tokens a key has sealed is not known, but for how
// long it has sealed is.
std::string budget(const Key& key, const std::string& path, std::int64_t now) {
  if (key.algorithm != Algorithm::a256gcm) return "";
  constexpr std::int64_t kTokens = std::int64_t{1} << 32;
  std::string text =
      "An A256GCM key may seal 2^32 tokens on all servers together: 49 days at 1000 per second.\n";
  const std::int64_t age = key.seal_from == 0 ? 0 : now - key.seal_from;
  if (age < 86400) return text;
  return text + "Key " + key.kid + " has sealed for " + std::to_string(age / 86400) +
         " days. If that was more than " + std::to_string(kTokens / age) +
         " per second: sealring keyring rotate " + path + "\n";
}

// What to do, if anything.
std::string advice(const Keyring& ring, const std::string& path, std::int64_t now) {
  const Key* primary = ring.primary(now);
  const Key* next = next_key(ring, now);
  std::string text;
  if (primary == nullptr && next == nullptr) {
    text = "No key seals. Make one: sealring keyring rotate " + path + " --activate-in 0\n";
  } else if (primary == nullptr) {
    text = "No key seals until " + utc_time(static_cast<std::uint64_t>(next->seal_from)) + ".\n";
  } else if (primary->open_until != 0 && ring.primary(primary->open_until) == nullptr) {
    text =
        "No key follows the one that seals now. Make one: sealring keyring rotate " + path + "\n";
  }
  if (primary != nullptr) text += budget(*primary, path, now);
  if (std::ranges::any_of(ring.keys(), [now](const Key& key) { return !key.opens_at(now); })) {
    text += "Closed keys no longer open tokens. Remove them: sealring keyring prune " + path + "\n";
  }
  return text.empty() ? text : "\n" + text;
}

std::string ignored(std::span<const ForeignJwk> foreign) {
  std::string text;
  for (const ForeignJwk& jwk : foreign) {
    text += text.empty() ? "\nIgnored, because they are for other programs:\n" : "";
    text += "  key " + std::to_string(jwk.place) + " of the file: " + jwk.why + "\n";
  }
  return text;
}

}  // namespace

std::string keyring_table(const Keyring& ring, std::span<const ForeignJwk> foreign,
                          const std::string& path, std::int64_t now) {
  return "Key ring " + path + " at " + local_time(static_cast<std::uint64_t>(now)) + "\n\n" +
         layout(rows_of(ring, now)) + advice(ring, path, now) + ignored(foreign);
}

std::string keyring_json(const Keyring& ring, std::span<const ForeignJwk> foreign,
                         std::int64_t now) {
  const Key* primary = ring.primary(now);
  const Key* next = next_key(ring, now);
  auto keys = nlohmann::ordered_json::array();
  for (const Key& key : ring.keys()) {
    keys.push_back({{"kid", key.kid},
                    {"alg", row(key.algorithm).name},
                    {"seal_from", key.seal_from},
                    {"open_until", key.open_until},
                    {"open_only", !key.may_seal},
                    {"primary", &key == primary},
                    {"next", &key == next}});
  }
  nlohmann::ordered_json shown{{"keys", keys}};
  for (const ForeignJwk& jwk : foreign) {
    shown["ignored"].push_back({{"place", jwk.place}, {"why", jwk.why}});
  }
  return json_line(shown);
}

}  // namespace sealring::cli
