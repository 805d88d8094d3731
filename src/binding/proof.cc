// SPDX-License-Identifier: Apache-2.0
#include "binding/proof.h"

#include <algorithm>

#include "base/base64url.h"
#include "base/json.h"

namespace sealring::binding {
namespace {

constexpr std::size_t kMaxMembers = 16;

struct Parts {
  std::string_view header, payload, signature;
  std::string_view signed_text;
};

Checked<Parts> split(std::string_view text) {
  if (text.size() > kMaxProofSize) {
    return refused(Error::malformed, "it has more than 4096 characters");
  }
  if (std::ranges::count(text, '.') != 2) {
    return refused(Error::malformed, "it does not have three parts");
  }
  const std::size_t first = text.find('.'), second = text.rfind('.');
  return Parts{text.substr(0, first), text.substr(first + 1, second - first - 1),
               text.substr(second + 1), text.substr(0, second)};
}

// Takes room for bytes from the front of a buffer.
class Room {
 public:
  explicit Room(MutableBytes bytes) : left_(bytes) {}

  Result<MutableBytes> decode(std::string_view text) {
    const auto size = base64url::decode(text, left_);
    if (!size) return std::unexpected(size.error());
    const MutableBytes decoded = left_.first(*size);
    left_ = left_.subspan(*size);
    return decoded;
  }

 private:
  MutableBytes left_;
};

struct Header {
  std::optional<json::Value> typ, alg, jwk;
  bool crit = false;
};

Checked<Header> read_header(std::string_view json) {
  Header header;
  json::ObjectReader members(json, kMaxMembers);
  while (const auto member = members.next()) {
    const auto is = [&member](std::string_view name) { return json::says(member->name, name); };
    if (is("typ")) header.typ = member->value;
    if (is("alg")) header.alg = member->value;
    if (is("jwk")) header.jwk = member->value;
    if (is("crit")) header.crit = true;
  }
  if (!members.complete()) {
    return refused(Error::malformed,
                   "its header is not a JSON object of at most 16 members with different names");
  }
  return header;
}

bool is_string(const std::optional<json::Value>& value) {
  return value && value->kind == json::Kind::string;
}

Checked<SignatureAlgorithm> read_kind(const Header& header) {
  if (!is_string(header.typ) || !is_string(header.alg)) {
    return refused(Error::malformed, "its header lacks typ or alg, or one of them is not text");
  }
  if (!json::says(*header.typ, "dbsc+jwt")) {
    return refused(Error::unsupported, "its typ is not dbsc+jwt");
  }
  if (header.crit) return refused(Error::unsupported, "its header has the member crit");
  for (const SignatureAlgorithm algorithm :
       {SignatureAlgorithm::es256, SignatureAlgorithm::rs256}) {
    const std::string_view name = kAlgorithmNames[static_cast<std::size_t>(algorithm)];
    if (json::says(*header.alg, name)) return algorithm;
  }
  return refused(Error::unsupported, "its alg is neither ES256 nor RS256");
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
  if (!is_string(jti) || jti->text.empty()) {
    return refused(Error::malformed, "its payload has no jti, or one that is not text");
  }
  if (!jti->escaped) return jti->text;
  char* const begin =
      reinterpret_cast<char*>(json.data()) + (jti->text.data() - as_text(json).data());
  return std::string_view(begin, json::unescape(*jti, begin));
}

bool has_size_of(SignatureAlgorithm algorithm, Bytes signature) {
  if (algorithm == SignatureAlgorithm::es256) return signature.size() == Es256Signature::extent;
  return signature.size() >= kMinRs256Size && signature.size() <= kMaxRs256Size;
}

}  // namespace

Checked<Proof> read_proof(Purpose purpose, std::string_view text, MutableBytes buffer) noexcept {
  const auto parts = split(text);
  if (!parts) return std::unexpected(parts.error());
  Room room(buffer);
  const auto header_json = room.decode(parts->header), payload_json = room.decode(parts->payload);
  if (!header_json || !payload_json) {
    return refused(Error::malformed, "its header or its payload is not base64url");
  }

  const auto header = read_header(as_text(*header_json));
  if (!header) return std::unexpected(header.error());
  const auto algorithm = read_kind(*header);
  if (!algorithm) return std::unexpected(algorithm.error());
  const bool is_registration = purpose == Purpose::registration;
  if (is_registration ? !header->jwk || header->jwk->kind != json::Kind::object
                      : header->jwk.has_value()) {
    return refused(Error::malformed, is_registration
                                         ? "its header has no jwk, or one that is not an object"
                                         : "its header has a jwk, which only a registration has");
  }

  const auto challenge = read_challenge(*payload_json);
  if (!challenge) return std::unexpected(challenge.error());
  const auto signature = room.decode(parts->signature);
  if (!signature || !has_size_of(*algorithm, *signature)) {
    return refused(Error::malformed,
                   "its signature is not base64url, or has a size that its alg does not have");
  }
  return Proof{*algorithm, is_registration ? header->jwk->text : std::string_view(), *challenge,
               as_bytes(parts->signed_text), *signature};
}

}  // namespace sealring::binding
