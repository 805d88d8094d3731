// SPDX-License-Identifier: Apache-2.0
// The key derivation of XAES-256-GCM (https://c2sp.org/XAES-256-GCM), composed of AES-256 alone.
// A 24-byte nonce is a prefix of 12 bytes, from which the AES-256-GCM key is derived, and the 12
// bytes that are the nonce of AES-256-GCM under that key.
#pragma once

#include "crypto/driver.h"

namespace sealring::xaes {

inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kPrefixSize = 12;
inline constexpr std::size_t kNonceSize = 24;

// Sets `gcm` to the key derived from `key` and `prefix`. `aes` is scratch: its key is replaced.
Result<void> derive(AesBlock& aes, std::span<const std::uint8_t, kKeySize> key,
                    std::span<const std::uint8_t, kPrefixSize> prefix, AesGcm& gcm) noexcept;

}  // namespace sealring::xaes
