// SPDX-License-Identifier: Apache-2.0
// What is inside of a JWE: a JWT claims set (spec/token-jwe.md section 5) that holds the times, the
// context and the payload.
#pragma once

#include "formats/format.h"

namespace sealring {

// An upper bound for write_claims().
std::size_t max_claims_size(std::size_t payload_size) noexcept;

struct WrittenClaims {
  std::size_t size;
  std::uint64_t expires_at;  // 0: there is no exp
};

// invalid_argument if the context cannot be an audience: it is not UTF-8, or has other control
// characters than those for which JSON has a short escape.
Checked<WrittenClaims> write_claims(Times times, Bytes context, Bytes payload,
                                    MutableBytes claims) noexcept;

// Checks everything but the times. The payload is then in `claims`, or in `room`, which holds three
// quarters of their size and kMaxIdSize bytes more. `id` is the token's ID if no claim says
// another.
Checked<Opened> read_claims(MutableBytes claims, MutableBytes room, Bytes context,
                            std::string_view id) noexcept;

}  // namespace sealring
