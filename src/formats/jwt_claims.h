// SPDX-License-Identifier: Apache-2.0
// The plaintext of a JWE: a JWT claims set (spec/token-jwe.md section 5) with the times, the
// context and the payload.
#pragma once

#include "formats/format.h"

namespace sealring {

// An upper bound for what write_claims() writes.
std::size_t max_claims_size(std::size_t payload_size) noexcept;

struct WrittenClaims {
  std::size_t size;
  std::uint64_t expires_at;  // 0: there is no exp
};

// invalid_argument if the context cannot be an audience: it is not UTF-8, or has control characters
// other than those for which JSON has short escapes.
Checked<WrittenClaims> write_claims(Times times, Bytes context, Bytes payload,
                                    MutableBytes claims) noexcept;

// Checks everything except the times. The payload is then in `claims` or in `room`, which is three
// quarters of the claims' size plus kMaxIdSize bytes. `id` is the token's ID unless a claim has
// another.
Checked<Opened> read_claims(MutableBytes claims, MutableBytes room, Bytes context,
                            std::string_view id) noexcept;

}  // namespace sealring
