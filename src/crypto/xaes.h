// SPDX-License-Identifier: Apache-2.0
// The key derivation of XAES-256-GCM (https://c2sp.org/XAES-256-GCM), which needs only AES-256. The
// first 12 bytes of the 24-byte nonce are the prefix from which an AES-256-GCM key is derived; the
// other 12 are the nonce of AES-256-GCM under that key.
#pragma once

#include "base/secret.h"
#include "crypto/driver.h"

namespace sealring::xaes {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kPrefixSize = 12;
inline constexpr std::size_t kNonceSize = 24;

// Derives from one key until it gets another: what depends only on the key is computed once.
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
