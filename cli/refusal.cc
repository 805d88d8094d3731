// SPDX-License-Identifier: Apache-2.0
#include "refusal.h"

#include <algorithm>

#include "clock.h"
#include "duration.h"
#include "token/validity.h"

namespace sealring::cli {
namespace {

std::string text_of(const char* detail) {
  return detail != nullptr ? detail : "";
}

std::string explain_unknown_key(std::string_view kid, const Keyring& ring, std::int64_t now) {
  const std::string key = "the token names key " + std::string(kid) + ", which ";
  const auto found = std::ranges::find(ring.keys(), kid, &Key::kid);
  if (found != ring.keys().end() && !found->opens_at(now)) {
    return key + "opened until " +
           utc_time_and_distance(static_cast<std::uint64_t>(found->open_until), now);
  }
  return key +
         "is not in this key ring; sealed with another ring, or with a newer copy of this one?";
}

}  // namespace

std::string explain(const Sealer::Refusal& refusal, const Keyring& ring, std::int64_t now) {
  switch (refusal.reason) {
    case Error::malformed:
      return explain_malformed(refusal.detail);
    case Error::unsupported:
      return "the token is of a kind that this key ring does not open: " + text_of(refusal.detail);
    case Error::unknown_key:
      return refusal.detail != nullptr
                 ? "the token's key cannot be found: " + text_of(refusal.detail)
                 : explain_unknown_key(refusal.kid, ring, now);
    case Error::authentication_failed:
      return refusal.detail != nullptr
                 ? "the token is authentic, and not for this context: " + text_of(refusal.detail)
                 : "the token was altered, or forged, or sealed for another context or with "
                   "another key";
    case Error::expired:
      return "the token expired " + utc_time_and_distance(refusal.times.expires_at, now) +
             (refusal.times.issued_at == 0
                  ? ""
                  : "; it was issued " + utc_time_and_distance(refusal.times.issued_at, now));
    case Error::not_yet_valid:
      return (refusal.times.not_before > refusal.times.issued_at
                  ? "the token is valid from " +
                        utc_time_and_distance(refusal.times.not_before, now)
                  : "the token was issued " + utc_time_and_distance(refusal.times.issued_at, now)) +
             ", and " + format_duration(kClockSkew) +
             " ahead are tolerated; compare the servers' clocks";
    case Error::revoked:
      return "the token was revoked: it is on the revocation list, or everything is that was "
             "issued "
             "until a time after it was";
    default:
      return "the token could not be opened";
  }
}

std::string explain_malformed(const char* detail) {
  if (detail != nullptr) return "this is not a token that can be opened: " + text_of(detail);
  return "this is not a token: wrong syntax or size; was it cut off, or encoded once more?";
}

}  // namespace sealring::cli
