// SPDX-License-Identifier: Apache-2.0
// When a session ends and when it is renewed (spec/session.md section 2): times and settings in,
// decision out.
#pragma once

#include <cstdint>

namespace sealring::session {

// In seconds; 0: off.
struct Settings {
  std::int64_t idle = 0;
  std::int64_t lifetime = 0;
  std::int64_t renew = 0;  // 0: derived from `idle`
};

// What is known about a session that was sealed before. Times are in seconds since 1970.
struct Sealed {
  std::int64_t auth_time;
  std::int64_t issued_at;
  std::int64_t expires_at;  // 0: never
};

enum class Decision { good, renew, idle_end, absolute_end };

// When a token that is sealed `now` expires; 0: never.
std::int64_t expires_at(std::int64_t now, std::int64_t auth_time,
                        const Settings& settings) noexcept;

// Until when a token of the session that was sealed at or before `now` can be good, and a minute
// more for clocks that differ.
std::int64_t matters_until(std::int64_t now, const Sealed& session,
                           const Settings& settings) noexcept;

// `active`: this request keeps the session alive.
Decision decide(std::int64_t now, const Sealed& session, const Settings& settings,
                bool active) noexcept;

}  // namespace sealring::session
