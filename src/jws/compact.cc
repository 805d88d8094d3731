// SPDX-License-Identifier: Apache-2.0
#include "jws/compact.h"

#include <algorithm>

#include "base/base64url.h"

namespace sealring::jws {
namespace {

constexpr std::size_t kMaxMembers = 16;

// Decodes to the front of `room`, which becomes shorter.
Result<MutableBytes> decode(std::string_view text, MutableBytes& room) {
  const auto size = base64url::decode(text, room);
  if (!size) return std::unexpected(size.error());
  const MutableBytes decoded = room.first(*size);
  room = room.subspan(*size);
  return decoded;
}

Checked<void> read_header(Compact& parts) {
  json::ObjectReader members(as_text(parts.header), kMaxMembers);
  while (const auto member = members.next()) {
    const auto is = [&member](std::string_view name) { return json::says(member->name, name); };
    if (is("typ")) parts.typ = member->value;
    if (is("alg")) parts.alg = member->value;
    if (is("kid")) parts.kid = member->value;
    if (is("jwk")) parts.jwk = member->value;
    if (is("crit")) parts.has_crit = true;
  }
  if (!members.complete()) {
    return refused(Error::malformed,
                   "its header is not a JSON object of at most 16 members with different names");
  }
  return {};
}

}  // namespace

Checked<Compact> read_compact(std::string_view text, std::size_t max_size,
                              MutableBytes buffer) noexcept {
  if (text.size() > max_size) return refused(Error::malformed, "it is too long");
  if (std::ranges::count(text, '.') != 2) {
    return refused(Error::malformed, "it does not have three parts");
  }
  const std::size_t first = text.find('.'), second = text.rfind('.');
  const auto header = decode(text.substr(0, first), buffer);
  const auto payload = decode(text.substr(first + 1, second - first - 1), buffer);
  if (!header || !payload) {
    return refused(Error::malformed, "its header or its payload is not base64url");
  }
  Compact parts{.header = *header,
                .payload = *payload,
                .signature = text.substr(second + 1),
                .signed_text = as_bytes(text.substr(0, second)),
                .room = buffer};
  if (auto read = read_header(parts); !read) return std::unexpected(read.error());
  return parts;
}

bool is_string(const std::optional<json::Value>& value) noexcept {
  return value && value->kind == json::Kind::string;
}

Checked<Algorithm> algorithm_of(const Compact& parts) noexcept {
  if (!is_string(parts.alg)) {
    return refused(Error::malformed, "its header has no alg, or one that is not text");
  }
  if (parts.has_crit) return refused(Error::unsupported, "its header has the member crit");
  for (const Algorithm algorithm : {Algorithm::es256, Algorithm::rs256}) {
    if (json::says(*parts.alg, name_of(algorithm))) return algorithm;
  }
  return refused(Error::unsupported, "its alg is neither ES256 nor RS256");
}

Checked<Bytes> signature_of(const Compact& parts, Algorithm algorithm) noexcept {
  MutableBytes room = parts.room;
  const auto signature = decode(parts.signature, room);
  const bool right =
      signature && (algorithm == Algorithm::es256
                        ? signature->size() == Es256Signature::extent
                        : signature->size() >= kMinRs256Size && signature->size() <= kMaxRs256Size);
  if (!right) {
    return refused(Error::malformed,
                   "its signature is not base64url, or has a size that its alg does not have");
  }
  return *signature;
}

}  // namespace sealring::jws
