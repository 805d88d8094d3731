// SPDX-License-Identifier: Apache-2.0
#include "binding/proof.h"

#include "jws/compact.h"

namespace sealring::binding {
namespace {

constexpr std::size_t kMaxMembers = 16;

Checked<jws::Algorithm> read_kind(const jws::Compact& parts) {
  if (!jws::is_string(parts.typ) || !jws::is_string(parts.alg)) {
    return refused(Error::malformed, "its header lacks typ or alg, or one of them is not text");
  }
  if (!json::says(*parts.typ, "dbsc+jwt")) {
    return refused(Error::unsupported, "its typ is not dbsc+jwt");
  }
  return jws::algorithm_of(parts);
}

// The challenge in the payload, which is unescaped in its place.
Checked<std::string_view> read_challenge(MutableBytes json) {
  std::optional<json::Value> jti;
  json::ObjectReader members(as_text(json), kMaxMembers);
  while (const auto member = members.next()) {
    if (json::says(member->name, "jti")) jti = member->value;
  }
  if (!members.complete()) {
    return refused(Error::malformed,
                   "its payload is not a JSON object of at most 16 members with different names");
  }
  if (!jws::is_string(jti) || jti->text.empty()) {
    return refused(Error::malformed, "its payload has no jti, or one that is not text");
  }
  return json::unescape_in(json, *jti);
}

}  // namespace

Checked<Proof> read_proof(Purpose purpose, std::string_view text, MutableBytes buffer) noexcept {
  const auto parts = jws::read_compact(text, kMaxProofSize, buffer);
  if (!parts) return std::unexpected(parts.error());
  const auto algorithm = read_kind(*parts);
  if (!algorithm) return std::unexpected(algorithm.error());
  const bool is_registration = purpose == Purpose::registration;
  if (is_registration ? !parts->jwk || parts->jwk->kind != json::Kind::object
                      : parts->jwk.has_value()) {
    return refused(Error::malformed, is_registration
                                         ? "its header has no jwk, or one that is not an object"
                                         : "its header has a jwk, which only a registration has");
  }

  const auto challenge = read_challenge(parts->payload);
  if (!challenge) return std::unexpected(challenge.error());
  const auto signature = jws::signature_of(*parts, *algorithm);
  if (!signature) return std::unexpected(signature.error());
  return Proof{*algorithm, is_registration ? parts->jwk->text : std::string_view(), *challenge,
               parts->signed_text, *signature};
}

}  // namespace sealring::binding
