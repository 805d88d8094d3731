// SPDX-License-Identifier: Apache-2.0
// The tokens of device binding: challenges and bound cookies. Each has a session's sid as its
// payload (spec/device-binding.md section 3).
#pragma once

#include <optional>
#include <string>

#include "token/sealer.h"

namespace sealring::binding {

enum class SidToken { challenge, bound_cookie };

// In seconds.
inline constexpr std::int64_t kChallengeLifetime = 120;

std::expected<std::string, Sealer::Refusal> seal_sid(SidToken kind, Sealer& sealer,
                                                     std::int64_t now, std::int64_t lifetime,
                                                     std::string_view sid);

struct OpenedSid {
  bool is_ours = false;     // it was sealed for this sid; it may have expired
  bool is_valid = false;    // and it has not
  Error reason{};           // if it is not valid
  std::int64_t expires_at;  // if it is ours
};

// Opens a token and compares its sid. `buffer` holds sealer.opened_size(token.size()) bytes. An
// error is operational.
Result<OpenedSid> open_sid(SidToken kind, Sealer& sealer, std::int64_t now, std::string_view sid,
                           std::string_view token, MutableBytes buffer) noexcept;

inline constexpr std::size_t kMaxBoundCookies = 4;

// When the bound cookie of a session ends: of several, the one that ends last; nothing if none is
// for this sid. The first kMaxBoundCookies of `tokens` are tried, and `buffer` is large enough for
// the longest of them.
Result<std::optional<std::int64_t>> bound_cookie_end(Sealer& sealer, std::int64_t now,
                                                     std::string_view sid,
                                                     std::span<const std::string_view> tokens,
                                                     MutableBytes buffer) noexcept;

}  // namespace sealring::binding
