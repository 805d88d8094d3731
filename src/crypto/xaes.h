// SPDX-License-Identifier: Apache-2.0
// The key derivation of XAES-256-GCM (https://c2sp.org/XAES-256-GCM), composed of AES-256 alone.
// A 24-byte nonce is a prefix of 12 bytes, from which the AES-256-GCM key is derived, and the 12
// bytes that are the nonce of AES-256-GCM under that key.
#pragma once

#include "base/secret.h"
#include "crypto/driver.h"

namespace sealring::xaes {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kPrefixSize = 12;
inline constexpr std::size_t kNonceSize = 24;

// Derives from one key, until it is given the next: what depends on the key alone is computed once.
class Derivation {
 public:
  explicit Derivation(std::unique_ptr<AesBlock> aes) : aes_(std::move(aes)) {}

  Result<void> set_key(std::span<const std::uint8_t, kKeySize> key) noexcept;

  // Sets `gcm` to the key derived from the prefix.
  Result<void> derive(std::span<const std::uint8_t, kPrefixSize> prefix, AesGcm& gcm) noexcept;

 private:
  std::unique_ptr<AesBlock> aes_;
  SecretArray<AesBlock::kBlockSize> subkey_;
};

}  // namespace sealring::xaes
