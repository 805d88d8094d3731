// SPDX-License-Identifier: Apache-2.0
// A public key that verifies signatures, and the JWK (RFC 7517) that it comes in.
#pragma once

#include <array>
#include <optional>

#include "crypto/driver.h"
#include "formats/format.h"

namespace sealring::jws {

enum class Algorithm { es256, rs256 };

// As JOSE names it.
constexpr std::string_view name_of(Algorithm algorithm) {
  return algorithm == Algorithm::es256 ? "ES256" : "RS256";
}

class PublicKey {
 public:
  // The key in a JWK, for this algorithm. Only verify() shows that a point is on its curve.
  static Checked<PublicKey> from_jwk(Algorithm algorithm, std::string_view json) noexcept;

  // x and y, or the modulus. Nothing if it is not a key for this algorithm.
  static std::optional<PublicKey> from_bytes(Algorithm algorithm, Bytes bytes) noexcept;

  Algorithm algorithm() const noexcept { return algorithm_; }
  Bytes bytes() const noexcept { return Bytes(bytes_).first(size_); }

  // authentication_failed: the message does not have this signature. malformed: the key is none.
  Result<void> verify(Driver& driver, Bytes message, Bytes signature) const noexcept;

 private:
  explicit PublicKey(Algorithm algorithm) noexcept : algorithm_(algorithm) {}
  bool is_complete() const noexcept;

  Algorithm algorithm_;
  std::size_t size_ = 0;
  std::array<std::uint8_t, kMaxRs256Size> bytes_;
};

}  // namespace sealring::jws
