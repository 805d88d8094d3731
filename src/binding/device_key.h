// SPDX-License-Identifier: Apache-2.0
// The public key of a device (spec/device-binding.md sections 2 and 5.1).
#pragma once

#include <array>
#include <optional>
#include <string>

#include "crypto/driver.h"
#include "formats/format.h"

namespace sealring::binding {

enum class SignatureAlgorithm { es256, rs256 };

// As JOSE names them, in this order.
inline constexpr std::string_view kAlgorithmNames[] = {"ES256", "RS256"};

class DeviceKey {
 public:
  // The key in the `jwk` of a proof with this `alg`. Only verify() shows that a point is on its
  // curve.
  static Checked<DeviceKey> from_jwk(SignatureAlgorithm algorithm, std::string_view json) noexcept;

  // The key in a session's field `bound`.
  static std::optional<DeviceKey> from_field(std::string_view value) noexcept;
  std::string field() const;

  SignatureAlgorithm algorithm() const noexcept { return algorithm_; }

  // authentication_failed: the message does not have this signature. malformed: the key is none.
  Result<void> verify(Driver& driver, Bytes message, Bytes signature) const noexcept;

 private:
  explicit DeviceKey(SignatureAlgorithm algorithm) noexcept : algorithm_(algorithm) {}
  Bytes bytes() const noexcept { return Bytes(bytes_).first(size_); }
  bool is_complete() const noexcept;

  SignatureAlgorithm algorithm_;
  std::size_t size_ = 0;
  std::array<std::uint8_t, kMaxRs256Size> bytes_;  // x and y, or the modulus
};

}  // namespace sealring::binding
