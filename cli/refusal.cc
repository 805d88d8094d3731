// SPDX-License-Identifier: Apache-2.0
#include "refusal.h"

#include <algorithm>

#include "clock.h"
#include "duration.h"
#include "token/validity.h"

namespace sealring::cli {
namespace {

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
      return explain_malformed();
    case Error::unsupported:
      return "the ring has no key left that opens this format (see: sealring keyring list), or it "
             "is a "
             "JWE of another kind than dir with A256GCM, uncompressed";
    case Error::unknown_key:
      return explain_unknown_key(refusal.kid, ring, now);
    case Error::authentication_failed:
      return "the token was altered, or forged, or sealed for another context or with another key";
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
    default:
      return "the token could not be opened";
  }
}

std::string explain_malformed() {
  return "this is not a token: wrong syntax or size; was it cut off, or encoded once more?";
}

}  // namespace sealring::cli
