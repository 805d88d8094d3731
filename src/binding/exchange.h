// SPDX-License-Identifier: Apache-2.0
// The two requests of a browser, registration and refresh: what they carry in, what to do out
// (spec/device-binding.md sections 6, 7.2 and 9). Nothing is sealed or revoked here.
#pragma once

#include <optional>
#include <string>

#include "binding/proof.h"
#include "token/sealer.h"

namespace sealring::binding {

// The session that came with the request.
struct SessionState {
  bool is_live;            // it opened
  bool is_over;            // there is none, or it is expired or revoked
  std::string_view sid;    // empty: none
  std::string_view bound;  // the field; empty: none
};

// The values of the header fields; nothing if a field is not there.
struct SentFields {
  std::optional<std::string_view> id;     // Sec-Secure-Session-Id
  std::optional<std::string_view> proof;  // Secure-Session-Response
};

enum class Outcome {
  registered,   // 200: the session gets a new sid, `bound` and `prior`
  refreshed,    // 200: a new bound cookie; the body is empty
  challenged,   // 403: a new challenge
  refused,      // 400: nothing changes
  gone,         // 401: nothing changes, and the browser forgets the binding
  forged,       // 401: the session ends and is revoked
  unavailable,  // 503: the browser tries again
};

int status_of(Outcome outcome) noexcept;

// What was wrong with a request, roughly: for counters. The details are for the log.
enum class Fault {
  none,
  no_session,         // there is none that is live
  other_session,      // the request names another
  not_bound,          // a refresh of a session without a key
  bound_already,      // a registration of one that has a key
  no_proof,           // a registration without
  bad_proof,          // it cannot be read, or is not as it has to be
  bad_key,            // the key in it, or the session's own, is none
  bad_signature,      // it is not of that key
  expired_challenge,  // the challenge is of this session
  other_challenge,    // it is not
  other,
};

struct Decision {
  Outcome outcome;
  Fault fault = Fault::none;
  const char* detail = nullptr;  // for the log: a fixed phrase; null: nothing to add
  std::string bound{};           // if registered: the field
};

// An error is operational; the outcome is then `unavailable`.
Result<Decision> decide_registration(Sealer& sealer, std::int64_t now, const SessionState& session,
                                     const SentFields& sent);
Result<Decision> decide_refresh(Sealer& sealer, std::int64_t now, const SessionState& session,
                                const SentFields& sent);

}  // namespace sealring::binding
