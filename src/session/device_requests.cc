// SPDX-License-Identifier: Apache-2.0
#include "session/device_requests.h"

#include <algorithm>

#include "base/base64url.h"
#include "binding/instructions.h"
#include "binding/sid_token.h"
#include "session/session_counting.h"

namespace sealring::session {
namespace {

using binding::Fault;
using binding::Outcome;
using binding::SidToken;

static_assert(std::size(status::kBindingResults) ==
              static_cast<std::size_t>(Outcome::unavailable) + 1);
static_assert(std::size(status::kBindingFaults) == static_cast<std::size_t>(Fault::other));

// "RS256." and base64url.
static_assert(kBoundRoom >= 6 + base64url::encoded_size(kMaxRs256Size));

binding::SessionState state_of(const Session& session) {
  return {session.is_live(), session.is_over(), session.sid(), session.bound()};
}

// As they follow the cookie's value, and as they are written alone.
std::string_view attributes_of(const Profile& profile) {
  return profile.cookie().attributes.substr(2);
}

binding::Scope scope_of(const Profile& profile) {
  return {profile.prefix(), profile.name(), attributes_of(profile), profile.domain()};
}

Result<std::string> seal(SidToken kind, const Session& session, Sealer& sealer, std::int64_t now,
                         std::int64_t lifetime) {
  auto sealed = binding::seal_sid(kind, sealer, now, lifetime, session.sid());
  if (!sealed) return std::unexpected(sealed.error().reason);
  return std::move(*sealed);
}

Result<std::string> bound_cookie(const Session& session, const Profile& profile, Sealer& sealer,
                                 std::int64_t now) {
  const std::int64_t lifetime = profile.terms().binding.refresh;
  const auto token = seal(SidToken::bound_cookie, session, sealer, now, lifetime);
  if (!token) return token;
  return std::string(profile.name())
      .append(binding::kBoundSuffix)
      .append("=")
      .append(*token)
      .append(profile.cookie().attributes)
      .append("; Max-Age=")
      .append(std::to_string(lifetime));
}

enum class DeviceRequest { registration, refresh };
static_assert(std::size(status::kBindingRequests) ==
              static_cast<std::size_t>(DeviceRequest::refresh) + 1);

// An error is answered as `unavailable`.
void count_answer(const Sealer& sealer, DeviceRequest request,
                  const Result<DeviceAnswer>& answer) noexcept {
  using status::Counter;
  if (sealer.counters() == nullptr) return;
  const Outcome outcome = answer ? answer->outcome : Outcome::unavailable;
  const Fault fault = answer ? answer->fault : Fault::other;
  sealer.counters()->add<Counter::binding_requests>(static_cast<std::size_t>(request),
                                                    static_cast<std::size_t>(outcome));
  if (fault == Fault::none) return;
  sealer.counters()->add<Counter::binding_refusals>(static_cast<std::size_t>(fault) - 1);
}

// A refusal of prepare() is one of the session's own.
Result<DeviceAnswer> bind_session(Session& session, const Profile& profile, Sealer& sealer,
                                  std::int64_t now, std::string_view key) {
  if (!session.bind(key)) {
    return DeviceAnswer{Outcome::refused, Fault::other,
                        "the session has no room for two more fields"};
  }
  const auto change = session.prepare(profile.terms(), sealer, now);
  if (!change) return std::unexpected(change.error());
  count_change(sealer, session, *change);
  if (*change == Change::ended) {
    return DeviceAnswer{Outcome::gone, Fault::no_session, "the session has been revoked meanwhile"};
  }
  auto cookie = bound_cookie(session, profile, sealer, now);
  if (!cookie) return std::unexpected(cookie.error());
  auto body = binding::instructions(scope_of(profile), session.sid());
  if (!body) return std::unexpected(body.error());
  return DeviceAnswer{Outcome::registered, Fault::none,     nullptr, {},
                      std::move(*cookie),  std::move(*body)};
}

Result<DeviceAnswer> make_registration_answer(Session& session, const Profile& profile,
                                              Sealer& sealer, std::int64_t now,
                                              const binding::SentFields& sent,
                                              std::span<char, kBoundRoom> room) {
  const auto decision = binding::decide_registration(sealer, now, state_of(session), sent);
  if (!decision) return std::unexpected(decision.error());
  if (decision->outcome == Outcome::registered) {
    std::ranges::copy(decision->bound, room.begin());
    return bind_session(session, profile, sealer, now, {room.data(), decision->bound.size()});
  }
  return DeviceAnswer{decision->outcome, decision->fault, decision->detail};
}

Result<DeviceAnswer> make_refresh_answer(Session& session, const Profile& profile, Sealer& sealer,
                                         std::int64_t now, const binding::SentFields& sent) {
  const auto decision = binding::decide_refresh(sealer, now, state_of(session), sent);
  if (!decision) return std::unexpected(decision.error());
  DeviceAnswer answer{decision->outcome, decision->fault, decision->detail};
  if (decision->outcome == Outcome::refreshed) {
    auto cookie = bound_cookie(session, profile, sealer, now);
    if (!cookie) return std::unexpected(cookie.error());
    answer.cookie = std::move(*cookie);
  } else if (decision->outcome == Outcome::challenged) {
    const auto challenge =
        seal(SidToken::challenge, session, sealer, now, binding::kChallengeLifetime);
    if (!challenge) return std::unexpected(challenge.error());
    auto field = binding::challenge_field(*challenge, session.sid());
    if (!field) return std::unexpected(field.error());
    answer.challenge = std::move(*field);
  } else if (decision->outcome == Outcome::forged) {
    session.end();
    const auto change = session.prepare(profile.terms(), sealer, now);
    if (!change) return std::unexpected(change.error());
    count_change(sealer, session, *change);
  }
  return answer;
}

}  // namespace

Result<std::string> offer_registration(const Session& session, const Profile& profile,
                                       Sealer& sealer, std::int64_t now) {
  if (!profile.binds() || session.fields().value(profile.terms().subject).empty()) {
    return std::string();
  }
  const auto challenge =
      seal(SidToken::challenge, session, sealer, now, binding::kChallengeLifetime);
  if (!challenge) return challenge;
  return binding::registration_field(scope_of(profile), *challenge);
}

Result<DeviceAnswer> answer_registration(Session& session, const Profile& profile, Sealer& sealer,
                                         std::int64_t now, const binding::SentFields& sent,
                                         std::span<char, kBoundRoom> room) {
  auto answer = make_registration_answer(session, profile, sealer, now, sent, room);
  count_answer(sealer, DeviceRequest::registration, answer);
  return answer;
}

Result<DeviceAnswer> answer_refresh(Session& session, const Profile& profile, Sealer& sealer,
                                    std::int64_t now, const binding::SentFields& sent) {
  auto answer = make_refresh_answer(session, profile, sealer, now, sent);
  count_answer(sealer, DeviceRequest::refresh, answer);
  return answer;
}

}  // namespace sealring::session
