// SPDX-License-Identifier: Apache-2.0
// The names of all metrics, and what each is. A new counter is a line in kCounters and its name in
// Counter, in the same place. No label has a value that a client chooses.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

namespace sealring::status {

struct Label {
  std::string_view name{};  // empty: there is no such label
  std::span<const std::string_view> values{};

  constexpr std::size_t size() const { return name.empty() ? 1 : values.size(); }
};

struct CounterRow {
  std::string_view name;  // without "_total"
  std::string_view help;
  Label first{};
  Label second{};
  bool over_time = false;  // the values of the first label are also noted over time

  constexpr std::size_t size() const { return first.size() * second.size(); }
};

// In the order of FormatId; "none": it looks like none that the key ring opens.
inline constexpr std::string_view kFormats[] = {"s1", "jwe", "nginx_legacy", "apache_legacy",
                                                "none"};
// A reason of a refusal is at its number less 9; "error": a fault of this machine.
inline constexpr std::string_view kResults[] = {
    "ok",      "malformed",     "unsupported", "unknown_key", "authentication_failed",
    "expired", "not_yet_valid", "revoked",     "error"};
inline constexpr std::string_view kSessionResults[] = {
    "ok",           "malformed",     "unsupported", "unknown_key", "authentication_failed",
    "expired",      "not_yet_valid", "revoked",     "unbound",     "idle_end",
    "absolute_end", "error"};
inline constexpr std::string_view kSealErrors[] = {"no_primary_key", "invalid_argument", "other"};
// In the order of Change, less the first; then how one ended by itself.
inline constexpr std::string_view kChanges[] = {"renewed",  "changed",      "started", "ended",
                                                "idle_end", "absolute_end", "revoked"};
// In the order of binding::Outcome, session::Unbound and binding::Fault.
inline constexpr std::string_view kBindingRequests[] = {"registration", "refresh"};
inline constexpr std::string_view kBindingResults[] = {
    "registered", "refreshed", "challenged", "refused", "gone", "forged", "unavailable"};
inline constexpr std::string_view kBindingFaults[] = {
    "no_session", "other_session", "not_bound",         "bound_already",   "no_proof", "bad_proof",
    "bad_key",    "bad_signature", "expired_challenge", "other_challenge", "other"};
inline constexpr std::string_view kUnbound[] = {"not_bound", "no_cookie", "expired_cookie",
                                                "other_cookie"};
// In the order of cookies::Mode. The results of cookies that came: as kResults, then "plain".
inline constexpr std::string_view kCookieModes[] = {"report", "migrate", "enforce"};
inline constexpr std::string_view kCookiesReceived[] = {
    "ok",      "malformed",     "unsupported", "unknown_key", "authentication_failed",
    "expired", "not_yet_valid", "revoked",     "error",       "plain"};
inline constexpr std::string_view kCookiesSet[] = {"sealed", "renewed", "deletion", "too_large",
                                                   "error"};
inline constexpr std::string_view kParts[] = {"1", "2", "3", "4", "5", "6", "7", "8", "9"};
inline constexpr std::string_view kFiles[] = {"keyring", "revocations"};

enum class Counter {
  tokens_opened,
  seal_errors,
  sessions_opened,
  session_changes,
  session_cookies,
  revocations,
  binding_requests,
  binding_refusals,
  unbound_sessions,
  sealed_cookies_received,
  sealed_cookies_set,
  file_refusals,
};

inline constexpr std::array kCounters = {
    CounterRow{"sealring_tokens_opened",
               "Tokens that were opened or refused. Of a session's token, only whether it is "
               "authentic counts here.",
               {"result", kResults},
               {"format", kFormats},
               true},
    CounterRow{"sealring_seal_errors", "Tokens that could not be sealed.", {"reason", kSealErrors}},
    CounterRow{"sealring_sessions_opened",
               "Requests with a session's cookie, by what came of it.",
               {"result", kSessionResults},
               {},
               true},
    CounterRow{
        "sealring_session_changes",
        "Answers that changed a session in the browser. Ended: by the application, or by a forged "
        "proof of its device.",
        {"change", kChanges}},
    CounterRow{"sealring_session_cookies",
               "Sessions that were sealed, by the number of cookies that they needed.",
               {"parts", kParts}},
    CounterRow{"sealring_revocations", "Sessions that this server revoked, at a logout."},
    CounterRow{"sealring_binding_requests",
               "Requests of browsers that register a device or prove that they are it.",
               {"request", kBindingRequests},
               {"result", kBindingResults}},
    CounterRow{"sealring_binding_refusals",
               "Such requests that neither registered nor refreshed, by what was wrong. A first "
               "request for a challenge is not one of them.",
               {"reason", kBindingFaults},
               {},
               true},
    CounterRow{
        "sealring_unbound_sessions",
        "Requests that were refused because their session is not proven to be on its device.",
        {"reason", kUnbound},
        {},
        true},
    CounterRow{
        "sealring_sealed_cookies_received",
        "Cookies of requests that are to be sealed. All but ok and plain were cut out; in mode "
        "report, enforce would cut them out, and plain ones, too.",
        {"result", kCookiesReceived},
        {"mode", kCookieModes},
        true},
    CounterRow{
        "sealring_sealed_cookies_set",
        "Cookies of applications that are to be sealed. In mode report, enforce would seal those "
        "that count as sealed.",
        {"result", kCookiesSet},
        {"mode", kCookieModes}},
    CounterRow{
        "sealring_file_refusals",
        "Changed files that were refused, so that the one before stayed in use. Each process "
        "counts its own.",
        {"file", kFiles}},
};

constexpr std::size_t offset_of(Counter counter) {
  std::size_t offset = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(counter); ++i) offset += kCounters[i].size();
  return offset;
}
inline constexpr std::size_t kValueCount = [] {
  std::size_t count = 0;
  for (const CounterRow& row : kCounters) count += row.size();
  return count;
}();

// Where the values of a counter that are noted over time begin.
constexpr std::size_t over_time_offset_of(Counter counter) {
  std::size_t offset = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(counter); ++i) {
    if (kCounters[i].over_time) offset += kCounters[i].first.size();
  }
  return offset;
}
inline constexpr std::size_t kOverTimeCount =
    over_time_offset_of(static_cast<Counter>(kCounters.size()));

// Of each of them, which values are added up: those of the second label.
struct Sum {
  std::size_t begin, size;
};
inline constexpr auto kSumsOverTime = [] {
  std::array<Sum, kOverTimeCount> sums{};
  std::size_t offset = 0, count = 0;
  for (const CounterRow& row : kCounters) {
    for (std::size_t i = 0; row.over_time && i < row.first.size(); ++i) {
      sums[count++] = {offset + i * row.second.size(), row.second.size()};
    }
    offset += row.size();
  }
  return sums;
}();

// What is said of each key, key ring and revocation list, and of all.
struct Row {
  std::string_view name;
  std::string_view help;
  bool is_counter = false;
};

inline constexpr Row kInfo{"sealring_info", "The version of sealring, as a label; always 1."};
inline constexpr Row kSince{"sealring_counting_since_timestamp_seconds",
                            "When counting began, at 0."};

inline constexpr Row kKeySeals{"sealring_key_seals", "Tokens that a key sealed.", true};
inline constexpr Row kKeyOpens{"sealring_key_opens", "Tokens that a key opened.", true};
inline constexpr Row kKeySealLimit{
    "sealring_key_seal_limit", "How many tokens an A256GCM key may seal, on all servers together."};
inline constexpr Row kKeyPrimary{"sealring_key_primary", "1 if the key seals now, else 0."};
inline constexpr Row kKeyOpenUntil{"sealring_key_open_until_timestamp_seconds",
                                   "When a key stops opening tokens, if that is set."};
inline constexpr Row kKeyLastSeal{"sealring_key_last_seal_timestamp_seconds",
                                  "When a key sealed last; 0: not since counting began."};
inline constexpr Row kKeyLastOpen{"sealring_key_last_open_timestamp_seconds",
                                  "When a key opened a token last; 0: not since counting began."};
inline constexpr Row kKeyLatestEnd{
    "sealring_key_latest_end_timestamp_seconds",
    "When the last of a key's tokens that were seen here expires; +Inf: never; 0: none was seen."};

inline constexpr Row kRingKeys{"sealring_keyring_keys", "Keys in a key ring."};
inline constexpr Row kRingPrimarySince{"sealring_keyring_primary_since_timestamp_seconds",
                                       "Since when the key that seals now is to seal: its "
                                       "seal_from; 0: it has none, or no key seals."};
inline constexpr Row kRingWritten{
    "sealring_keyring_written_timestamp_seconds",
    "When the file of the key ring in use was changed last; 0: it has none."};

inline constexpr Row kListGeneration{"sealring_revocation_list_generation",
                                     "The generation of a revocation list."};
inline constexpr Row kListEntries{"sealring_revocation_list_entries",
                                  "Entries in a revocation list."};
inline constexpr Row kListPending{
    "sealring_revocation_list_pending",
    "Sessions that this server revoked and that the list does not have yet."};
inline constexpr Row kListWritten{"sealring_revocation_list_written_timestamp_seconds",
                                  "When a revocation list was written."};
inline constexpr Row kListConfirmed{
    "sealring_revocation_list_confirmed_timestamp_seconds",
    "When a revocation list was last written, or confirmed by an agent."};
inline constexpr Row kListStale{"sealring_revocation_list_stale",
                                "1 if a revocation list is older than it may be, else 0."};

}  // namespace sealring::status
