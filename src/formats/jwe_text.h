// SPDX-License-Identifier: Apache-2.0
// The text of a JWE, taken apart without a key (spec/token-jwe.md sections 1, 3 and 4).
#pragma once

#include "base/base64url.h"
#include "formats/format.h"

namespace sealring::jwe {

inline constexpr std::size_t kIvText = base64url::encoded_size(AesGcm::kNonceSize);
inline constexpr std::size_t kTagText = base64url::encoded_size(AesGcm::kTagSize);

// Whether it has the shape of a JWE: five parts, and of the first the beginning in base64url.
bool recognises(Bytes token) noexcept;

std::size_t opened_size(std::size_t token_size) noexcept;

// Parsed::bytes are IV, ciphertext and tag; the kid is behind them. The buffer's last room_of()
// bytes are free.
Checked<Parsed> parse(Bytes token, MutableBytes buffer) noexcept;

// What read_claims() needs for the claims of a ciphertext of this size.
std::size_t room_of(std::size_t ciphertext_size) noexcept;

}  // namespace sealring::jwe
