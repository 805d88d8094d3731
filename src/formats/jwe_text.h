// SPDX-License-Identifier: Apache-2.0
// The text of a JWE, split without a key (spec/token-jwe.md sections 1, 3 and 4).
#pragma once

#include "base/base64url.h"
#include "formats/format.h"

namespace sealring::jwe {

inline constexpr std::size_t kIvText = base64url::encoded_size(AesGcm::kNonceSize);
inline constexpr std::size_t kTagText = base64url::encoded_size(AesGcm::kTagSize);

// Whether it has the shape of a JWE: five parts, and the first begins with base64url.
bool recognises(Bytes token) noexcept;

std::size_t opened_size(std::size_t token_size) noexcept;

// Parsed::bytes are IV, ciphertext and tag, followed by the kid. The buffer's last room_of() bytes
// are free.
Checked<Parsed> parse(Bytes token, MutableBytes buffer) noexcept;

// How much room read_claims() needs for the claims in a ciphertext of this size.
std::size_t room_of(std::size_t ciphertext_size) noexcept;

}  // namespace sealring::jwe
