// SPDX-License-Identifier: Apache-2.0
#include "jws/public_key.h"

#include "base/base64url.h"
#include "base/json.h"

namespace sealring::jws {
namespace {

constexpr std::size_t kMaxMembers = 16;
constexpr std::size_t kCoordinateSize = 32;
constexpr std::string_view kExponent = "AQAB";

// The members of a JWK that are used here.
struct Members {
  std::optional<json::Value> kty, crv, x, y, n, e;
  bool is_private = false;
};

Checked<Members> read_members(std::string_view json) {
  Members found;
  json::ObjectReader members(json, kMaxMembers);
  while (const auto member = members.next()) {
    const auto is = [&member](std::string_view name) { return json::says(member->name, name); };
    if (is("kty")) found.kty = member->value;
    if (is("crv")) found.crv = member->value;
    if (is("x")) found.x = member->value;
    if (is("y")) found.y = member->value;
    if (is("n")) found.n = member->value;
    if (is("e")) found.e = member->value;
    if (is("d")) found.is_private = true;
  }
  if (!members.complete()) {
    return refused(Error::malformed,
                   "its jwk is not a JSON object of at most 16 members with different names");
  }
  if (found.is_private) return refused(Error::malformed, "its jwk is a private key");
  return found;
}

// The size of the bytes in base64url; 0 if it is something else or too long.
std::size_t read_bytes(const std::optional<json::Value>& value, MutableBytes out) {
  constexpr std::size_t kLongestEscape = 6;
  char unescaped[kLongestEscape * base64url::encoded_size(kMaxRs256Size)];
  if (!value || value->kind != json::Kind::string || value->text.size() > sizeof(unescaped)) {
    return 0;
  }
  std::string_view text = value->text;
  if (value->escaped) text = {unescaped, json::unescape(*value, unescaped)};
  if (base64url::decoded_size(text.size()) > out.size()) return 0;
  return base64url::decode(text, out).value_or(0);
}

}  // namespace

Checked<PublicKey> PublicKey::from_jwk(Algorithm algorithm, std::string_view json) noexcept {
  const auto members = read_members(json);
  if (!members) return std::unexpected(members.error());
  PublicKey key(algorithm);
  const MutableBytes bytes = key.bytes_;
  bool right = false;
  if (algorithm == Algorithm::es256) {
    right =
        json::is_string(members->kty, "EC") && json::is_string(members->crv, "P-256") &&
        read_bytes(members->x, bytes.first(kCoordinateSize)) == kCoordinateSize &&
        read_bytes(members->y, bytes.subspan(kCoordinateSize, kCoordinateSize)) == kCoordinateSize;
    key.size_ = 2 * kCoordinateSize;
  } else {
    right = json::is_string(members->kty, "RSA") && json::is_string(members->e, kExponent);
    key.size_ = read_bytes(members->n, bytes);
  }
  if (!right || !key.is_complete()) {
    return refused(Error::malformed, "its jwk is not a key of the kind that its alg says");
  }
  return key;
}

std::optional<PublicKey> PublicKey::from_bytes(Algorithm algorithm, Bytes bytes) noexcept {
  PublicKey key(algorithm);
  if (bytes.size() > key.bytes_.size()) return std::nullopt;
  copy(bytes, key.bytes_);
  key.size_ = bytes.size();
  if (!key.is_complete()) return std::nullopt;
  return key;
}

bool PublicKey::is_complete() const noexcept {
  return algorithm_ == Algorithm::es256 ? size_ == 2 * kCoordinateSize : is_rs256_key(bytes());
}

Result<void> PublicKey::verify(Driver& driver, Bytes message, Bytes signature) const noexcept {
  if (algorithm_ == Algorithm::rs256) return driver.verify_rs256(bytes(), message, signature);
  if (signature.size() != Es256Signature::extent) {
    return std::unexpected(Error::authentication_failed);
  }
  return driver.verify_es256(bytes().first<Es256Key::extent>(), message,
                             signature.first<Es256Signature::extent>());
}

}  // namespace sealring::jws
