// SPDX-License-Identifier: Apache-2.0
#include "logout/logout_token.h"

#include <algorithm>

#include "base/jwt.h"
#include "jws/compact.h"
#include "revocation/hash.h"

namespace sealring::logout {
namespace {

using json::Kind;
using json::Value;

constexpr std::size_t kMaxMembers = 64;
constexpr std::string_view kEvent = "http://schemas.openid.net/event/backchannel-logout";

struct Claims {
  std::optional<Value> iss, aud, iat, exp, nbf, jti, events, sid, sub;
  bool has_nonce = false;
};

Checked<Claims> read_claims(std::string_view json) {
  Claims found;
  json::ObjectReader members(json, kMaxMembers);
  while (const auto member = members.next()) {
    const auto is = [&member](std::string_view name) { return json::says(member->name, name); };
    if (is("iss")) found.iss = member->value;
    if (is("aud")) found.aud = member->value;
    if (is("iat")) found.iat = member->value;
    if (is("exp")) found.exp = member->value;
    if (is("nbf")) found.nbf = member->value;
    if (is("jti")) found.jti = member->value;
    if (is("events")) found.events = member->value;
    if (is("sid")) found.sid = member->value;
    if (is("sub")) found.sub = member->value;
    if (is("nonce")) found.has_nonce = true;
  }
  if (!members.complete()) {
    return refused(Error::malformed,
                   "its payload is not a JSON object of at most 64 members with different names");
  }
  return found;
}

// Providers write it in two ways, or not at all.
Checked<void> check_type(const jws::Compact& parts) {
  if (!parts.typ) return {};
  if (!jws::is_string(parts.typ)) return refused(Error::malformed, "its typ is not text");
  if (!json::says(*parts.typ, "logout+jwt") && !json::says(*parts.typ, "JWT")) {
    return refused(Error::unsupported, "its typ is neither logout+jwt nor JWT");
  }
  return {};
}

Checked<void> verify(Driver& driver, const ProviderKeys& keys, const jws::Compact& parts) {
  if (auto type = check_type(parts); !type) return type;
  const auto algorithm = jws::algorithm_of(parts);
  if (!algorithm) return std::unexpected(algorithm.error());
  if (parts.kid && !jws::is_string(parts.kid)) {
    return refused(Error::malformed, "its kid is not text");
  }
  const auto signature = jws::signature_of(parts, *algorithm);
  if (!signature) return std::unexpected(signature.error());
  const jws::PublicKey* const key = keys.find(*algorithm, parts.kid);
  if (key == nullptr) {
    return refused(Error::unknown_key,
                   parts.kid ? "the key set has no key with its kid for its alg, or several"
                             : "it names no key, and the key set has not exactly one for its alg");
  }
  const auto verified = key->verify(driver, parts.signed_text, *signature);
  if (verified) return {};
  return refused(verified.error(), verified.error() == Error::malformed
                                       ? "the key that it names is not a point of the curve"
                                       : "its signature is not of the provider's key");
}

Checked<void> check_event(const Claims& claims) {
  if (claims.has_nonce) {
    return refused(Error::malformed, "it has a nonce, so it is an ID token");
  }
  if (!claims.events || claims.events->kind != Kind::object) {
    return refused(Error::malformed, "it has no events, or they are not an object");
  }
  bool found = false;
  json::ObjectReader events(claims.events->text, kMaxMembers);
  while (const auto event = events.next()) {
    found = found || (json::says(event->name, kEvent) && event->value.kind == Kind::object);
  }
  if (!events.complete() || !found) {
    return refused(Error::malformed, "its events do not say that it is for a logout");
  }
  return {};
}

Checked<void> check_parties(const Claims& claims, const Parties& parties) {
  if (!jws::is_string(claims.iss)) {
    return refused(Error::malformed, "it has no iss, or one that is not text");
  }
  const auto is_for_client = claims.aud ? jwt::names(*claims.aud, parties.client) : std::nullopt;
  if (!is_for_client) {
    return refused(Error::malformed, "it has no aud, or one that is neither text nor a list of it");
  }
  if (!json::says(*claims.iss, parties.issuer)) {
    return refused(Error::authentication_failed, "its iss is not the configured issuer");
  }
  if (!*is_for_client) {
    return refused(Error::authentication_failed, "its aud does not have the configured client");
  }
  return {};
}

// Returns the time from which it is refused.
Checked<std::int64_t> check_times(const Claims& claims, std::int64_t now) {
  const auto time_in = [](const std::optional<Value>& claim) {
    return claim ? jwt::read_time(*claim, kLatestTime) : std::nullopt;
  };
  const auto issued_at = time_in(claims.iat), expires_at = time_in(claims.exp);
  if (!issued_at || !expires_at || (claims.nbf && !time_in(claims.nbf))) {
    return refused(Error::malformed, "it lacks iat or exp, or one of its times is not a number");
  }
  const auto starts_at =
      static_cast<std::int64_t>(std::max(*issued_at, time_in(claims.nbf).value_or(0)));
  const std::int64_t end = std::min(static_cast<std::int64_t>(*expires_at),
                                    static_cast<std::int64_t>(*issued_at) + kMaxAge);
  if (starts_at > now + kTolerance) {
    return refused(Error::not_yet_valid, "it is from the future; compare the clocks");
  }
  if (now >= end + kTolerance) {
    return refused(Error::expired, "its exp has passed, or its iat is more than an hour ago");
  }
  return end + kTolerance;
}

// An optional text that is not empty. "" if it is not there.
Checked<std::string_view> take_text(MutableBytes payload, const std::optional<Value>& claim,
                                    std::size_t max_size, const char* detail) {
  if (!claim) return std::string_view();
  if (claim->kind != Kind::string) return refused(Error::malformed, detail);
  const std::string_view text = json::unescape_in(payload, *claim);
  if (text.empty() || text.size() > max_size) return refused(Error::malformed, detail);
  return text;
}

}  // namespace

Checked<LogoutToken> open_logout_token(Driver& driver, const ProviderKeys& keys,
                                       const Parties& parties, std::int64_t now,
                                       std::string_view text, MutableBytes buffer) noexcept {
  const auto parts = jws::read_compact(text, kMaxTokenSize, buffer);
  if (!parts) return std::unexpected(parts.error());
  if (auto verified = verify(driver, keys, *parts); !verified) {
    return std::unexpected(verified.error());
  }
  const auto claims = read_claims(as_text(parts->payload));
  if (!claims) return std::unexpected(claims.error());
  if (auto event = check_event(*claims); !event) return std::unexpected(event.error());
  if (auto checked = check_parties(*claims, parties); !checked) {
    return std::unexpected(checked.error());
  }
  const auto end = check_times(*claims, now);
  if (!end) return std::unexpected(end.error());
  // Only now the payload may be overwritten.
  const auto jti = take_text(parts->payload, claims->jti, kMaxJtiSize,
                             "its jti is not a text of 1 to 256 bytes");
  if (!jti) return std::unexpected(jti.error());
  if (jti->empty()) return refused(Error::malformed, "it has no jti");
  const auto sid = take_text(parts->payload, claims->sid, revocation::kMaxValueSize,
                             "its sid is not a text of 1 to 1024 bytes");
  if (!sid) return std::unexpected(sid.error());
  const auto sub = take_text(parts->payload, claims->sub, revocation::kMaxValueSize,
                             "its sub is not a text of 1 to 1024 bytes");
  if (!sub) return std::unexpected(sub.error());
  if (sid->empty() && sub->empty()) {
    return refused(Error::malformed, "it has neither sid nor sub");
  }
  return LogoutToken{*jti, *sid, *sub, *end};
}

Checked<Revoked> revoked_by(const LogoutToken& token, const FieldNames& fields) noexcept {
  if (!token.sid.empty() && !fields.sid.empty()) return Revoked{fields.sid, token.sid};
  if (!token.sub.empty() && !fields.sub.empty()) return Revoked{fields.sub, token.sub};
  return refused(Error::unsupported,
                 token.sid.empty() ? "it has only a sub, and oidc-sub-field is not configured"
                                   : "it has only a sid, and oidc-sid-field is not configured");
}

std::string used_value(const Parties& parties, std::string_view jti) {
  return parties.issuer + " " + std::string(jti);
}

}  // namespace sealring::logout
