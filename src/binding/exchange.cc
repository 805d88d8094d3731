// SPDX-License-Identifier: Apache-2.0
#include "binding/exchange.h"

#include <vector>

#include "base/secret.h"
#include "binding/device_key.h"
#include "binding/sid_token.h"
#include "binding/structured_field.h"

namespace sealring::binding {
namespace {

// Of a header field: a proof in quotation marks, with parameters.
constexpr std::size_t kMaxFieldSize = 2 * kMaxProofSize;

// The String of a header field, and room for it.
class SentString {
 public:
  explicit SentString(std::string_view value)
      : room_(value.size() > kMaxFieldSize ? 0 : value.size()) {
    if (value.size() <= kMaxFieldSize) text_ = read_sent_string(value, room_);
  }
  const Result<std::string_view>& text() const { return text_; }

 private:
  std::vector<std::uint8_t> room_;
  Result<std::string_view> text_ = std::unexpected(Error::malformed);
};

std::optional<Decision> without_session(const SessionState& session) {
  if (session.is_live) return std::nullopt;
  if (session.is_over) return Decision{Outcome::gone, Fault::no_session, "there is no session"};
  return Decision{Outcome::unavailable, Fault::no_session, "the session does not open"};
}

Decision refusal(Fault fault, const Refused& why) {
  return {Outcome::refused, fault, why.detail};
}

// Of a challenge that is not valid.
Decision of_challenge(Outcome outcome, const OpenedSid& challenge) {
  return challenge.is_ours
             ? Decision{outcome, Fault::expired_challenge, "its challenge has expired"}
             : Decision{outcome, Fault::other_challenge, "its challenge is not for this session"};
}

Result<OpenedSid> open_challenge(Sealer& sealer, std::int64_t now, std::string_view sid,
                                 std::string_view challenge) {
  std::vector<std::uint8_t> buffer(sealer.opened_size(challenge.size()));
  return open_sid(SidToken::challenge, sealer, now, sid, challenge, buffer);
}

}  // namespace

int status_of(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::registered:
    case Outcome::refreshed:
      return 200;
    case Outcome::challenged:
      return 403;
    case Outcome::refused:
      return 400;
    case Outcome::gone:
    case Outcome::forged:
      return 401;
    case Outcome::unavailable:
      break;
  }
  return 503;
}

Result<Decision> decide_registration(Sealer& sealer, std::int64_t now, const SessionState& session,
                                     const SentFields& sent) {
  if (auto none = without_session(session)) return *none;
  if (session.sid.empty()) {
    return Decision{Outcome::refused, Fault::other, "the session has no sid"};
  }
  if (!session.bound.empty()) {
    return Decision{Outcome::refused, Fault::bound_already, "the session is bound already"};
  }
  if (!sent.proof) return Decision{Outcome::refused, Fault::no_proof, "there is no proof"};
  const SentString text(*sent.proof);
  if (!text.text()) {
    return Decision{Outcome::refused, Fault::bad_proof, "Secure-Session-Response cannot be read"};
  }

  std::vector<std::uint8_t> buffer(text.text()->size());
  const auto proof = read_proof(Purpose::registration, *text.text(), buffer);
  if (!proof) return refusal(Fault::bad_proof, proof.error());
  const auto key = jws::PublicKey::from_jwk(proof->algorithm, proof->jwk);
  if (!key) return refusal(Fault::bad_key, key.error());
  if (auto verified = key->verify(sealer.driver(), proof->signed_text, proof->signature);
      !verified) {
    if (!is_refusal(verified.error())) return std::unexpected(verified.error());
    return verified.error() == Error::malformed
               ? Decision{Outcome::refused, Fault::bad_key, "its key is not a point of the curve"}
               : Decision{Outcome::refused, Fault::bad_signature,
                          "its signature is not of the key in it"};
  }
  const auto challenge = open_challenge(sealer, now, session.sid, proof->challenge);
  if (!challenge) return std::unexpected(challenge.error());
  if (!challenge->is_valid) return of_challenge(Outcome::refused, *challenge);
  return Decision{Outcome::registered, Fault::none, nullptr, field_of(*key)};
}

Result<Decision> decide_refresh(Sealer& sealer, std::int64_t now, const SessionState& session,
                                const SentFields& sent) {
  if (auto none = without_session(session)) return *none;
  const SentString id(sent.id.value_or(""));
  if (!id.text() || session.sid.empty() ||
      !equal_in_constant_time(as_bytes(*id.text()), as_bytes(session.sid))) {
    return Decision{Outcome::gone, Fault::other_session,
                    "Sec-Secure-Session-Id does not name this session"};
  }
  // A challenge for it would let a thief register a key of his own.
  if (session.bound.empty()) {
    return Decision{Outcome::gone, Fault::not_bound, "the session is not bound"};
  }
  if (!sent.proof) return Decision{Outcome::challenged};
  const SentString text(*sent.proof);
  if (!text.text()) {
    return Decision{Outcome::refused, Fault::bad_proof, "Secure-Session-Response cannot be read"};
  }

  std::vector<std::uint8_t> buffer(text.text()->size());
  const auto proof = read_proof(Purpose::refresh, *text.text(), buffer);
  if (!proof) return refusal(Fault::bad_proof, proof.error());
  const auto key = key_in_field(session.bound);
  if (!key || key->algorithm() != proof->algorithm) {
    return Decision{Outcome::refused, Fault::bad_proof, "its alg is not that of the session's key"};
  }
  const auto verified = key->verify(sealer.driver(), proof->signed_text, proof->signature);
  if (!verified && verified.error() != Error::authentication_failed) {
    if (!is_refusal(verified.error())) return std::unexpected(verified.error());
    return Decision{Outcome::refused, Fault::bad_key,
                    "the session's key is not a point of the curve"};
  }
  const auto challenge = open_challenge(sealer, now, session.sid, proof->challenge);
  if (!challenge) return std::unexpected(challenge.error());
  if (!verified) {
    return challenge->is_ours ? Decision{Outcome::forged, Fault::bad_signature,
                                         "another key has signed its challenge"}
                              : Decision{Outcome::refused, Fault::bad_signature,
                                         "neither its signature nor its challenge "
                                         "is of this session"};
  }
  if (!challenge->is_valid) return of_challenge(Outcome::challenged, *challenge);
  return Decision{Outcome::refreshed};
}

}  // namespace sealring::binding
