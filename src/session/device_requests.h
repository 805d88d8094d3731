// SPDX-License-Identifier: Apache-2.0
// The two requests of a browser, registration and refresh, applied to the session that came with
// them, and the offer that precedes them (spec/device-binding.md sections 6 to 8).
#pragma once

#include <string>

#include "binding/exchange.h"
#include "session/session.h"

namespace sealring::session {

// What to answer. registered: the session has to be sealed, and is prepared for it. forged: it has
// ended, and is prepared, too.
struct DeviceAnswer {
  binding::Outcome outcome;
  binding::Fault fault = binding::Fault::none;
  const char* detail = nullptr;  // for the log: a fixed phrase; null: nothing to add
  std::string challenge{};       // the value of Secure-Session-Challenge; empty: there is none
  std::string cookie{};          // what follows `Set-Cookie: `, of the bound cookie; likewise
  std::string body{};            // JSON; likewise
};

// The value of Secure-Session-Registration, for a session that prepare() has started. Empty: the
// session has no subject, or the profile does not bind.
Result<std::string> offer_registration(const Session& session, const Profile& profile,
                                       Sealer& sealer, std::int64_t now);

// Enough for the field `bound`.
inline constexpr std::size_t kBoundRoom = 1024;

// The session was opened by open_to_bind(). An error is operational: the browser should try again.
// `room` must outlive the session, which holds a view of it.
Result<DeviceAnswer> answer_registration(Session& session, const Profile& profile, Sealer& sealer,
                                         std::int64_t now, const binding::SentFields& sent,
                                         std::span<char, kBoundRoom> room);
Result<DeviceAnswer> answer_refresh(Session& session, const Profile& profile, Sealer& sealer,
                                    std::int64_t now, const binding::SentFields& sent);

}  // namespace sealring::session
