// SPDX-License-Identifier: Apache-2.0
#include "session/policy.h"

#include <algorithm>

namespace sealring::session {
namespace {

constexpr std::int64_t kNever = INT64_MAX;
constexpr std::int64_t kShortestRenewal = 60;
constexpr std::int64_t kClockDifference = 60;

constexpr std::int64_t sum(std::int64_t time, std::int64_t seconds) {
  return time > kNever - seconds ? kNever : time + seconds;
}

constexpr std::int64_t end_of(std::int64_t start, std::int64_t seconds) {
  return seconds == 0 ? kNever : sum(start, seconds);
}

constexpr std::int64_t renew_interval(const Settings& settings) {
  if (settings.renew != 0) return settings.renew;
  if (settings.idle == 0) return kNever;
  return std::min(std::max(settings.idle / 10, kShortestRenewal), settings.idle / 2);
}

constexpr std::int64_t earlier_end(std::int64_t now, std::int64_t auth_time,
                                   const Settings& settings) {
  return std::min(end_of(now, settings.idle), end_of(auth_time, settings.lifetime));
}

// A token without an end may have been sealed before there was a timeout.
constexpr std::int64_t end_of_token(const Sealed& session, const Settings& settings) {
  if (session.expires_at != 0) return session.expires_at;
  return earlier_end(session.issued_at, session.auth_time, settings);
}

}  // namespace

std::int64_t expires_at(std::int64_t now, std::int64_t auth_time,
                        const Settings& settings) noexcept {
  const std::int64_t end = earlier_end(now, auth_time, settings);
  return end == kNever ? 0 : end;
}

// The idle timeout may have been longer when the token was sealed.
std::int64_t matters_until(std::int64_t now, const Sealed& session,
                           const Settings& settings) noexcept {
  const std::int64_t idle_end =
      settings.idle == 0 ? kNever : std::max(sum(now, settings.idle), session.expires_at);
  return sum(std::min(idle_end, end_of(session.auth_time, settings.lifetime)), kClockDifference);
}

Decision decide(std::int64_t now, const Sealed& session, const Settings& settings,
                bool active) noexcept {
  if (now >= end_of(session.auth_time, settings.lifetime)) return Decision::absolute_end;
  const std::int64_t end = end_of_token(session, settings);
  if (now >= end) return Decision::idle_end;
  if (!active || now - session.issued_at < renew_interval(settings)) return Decision::good;
  const std::int64_t new_end = earlier_end(now, session.auth_time, settings);
  return new_end == kNever || new_end > end ? Decision::renew : Decision::good;
}

}  // namespace sealring::session
