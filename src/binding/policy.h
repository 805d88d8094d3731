// SPDX-License-Identifier: Apache-2.0
// When a bound session is good, and when the sid from before the binding ends
// (spec/device-binding.md sections 6 and 7.1): times and settings in, decision out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sealring::binding {

// Follows the name of the session's cookie in that of the bound cookie.
inline constexpr std::string_view kBoundSuffix = "-bound";

// Times in seconds.
struct Settings {
  std::int64_t refresh = 600;  // the lifetime of a bound cookie
  std::int64_t grace = 60;
  bool required = false;  // only bound sessions are good
};

enum class Standing {
  unbound,  // the session is not bound
  bound,
  grace,   // good, but not to be renewed
  refused  // it is bound, and this request does not prove it
};

// `cookie_end`: when the request's bound cookie expires; nothing if it has none for this session.
Standing standing(bool is_bound, std::optional<std::int64_t> cookie_end, std::int64_t now,
                  const Settings& settings) noexcept;

// Whether a session that is not bound is refused: after a sign-in, the browser has `grace` to bind
// it.
bool is_missing(std::int64_t now, std::int64_t auth_time, const Settings& settings) noexcept;

// When the sid in `prior` has to be revoked, once a good request with the new session has come.
// `is_last`: the session loses the field with this request, because it is renewed or ends.
std::int64_t end_of_prior(std::int64_t now, std::int64_t issued_at, bool is_last,
                          const Settings& settings) noexcept;

}  // namespace sealring::binding
