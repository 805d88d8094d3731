// SPDX-License-Identifier: Apache-2.0
// Compares a token's times with now.
#pragma once

#include <algorithm>

#include "base/error.h"
#include "formats/format.h"

namespace sealring {

// How many seconds the sealing server's clock may be ahead of the opening server's.
inline constexpr std::uint64_t kClockSkew = 60;

// The sum of two times, limited to the latest possible time.
constexpr std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  return a + b < a ? UINT64_MAX : a + b;
}

constexpr Times times_for(std::int64_t now, std::uint64_t lifetime) {
  const auto issued_at = static_cast<std::uint64_t>(now);
  return {issued_at, lifetime == 0 ? 0 : saturating_add(issued_at, lifetime)};
}

constexpr Result<void> check_validity(Times times, std::int64_t now_signed) {
  const auto now = static_cast<std::uint64_t>(now_signed);
  if (std::max(times.issued_at, times.not_before) > saturating_add(now, kClockSkew)) {
    return std::unexpected(Error::not_yet_valid);
  }
  if (times.expires_at != 0 && now >= times.expires_at) return std::unexpected(Error::expired);
  return {};
}

}  // namespace sealring
