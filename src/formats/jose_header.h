// SPDX-License-Identifier: Apache-2.0
// The protected header of a JWE (spec/token-jwe.md section 4): JSON, with much that is refused.
#pragma once

#include "base/error.h"
#include "keys/key.h"

namespace sealring {

// Writes the kid to `kid` and returns its size. malformed: it is no header of any JWE, or names no
// key that a ring could hold; unsupported: it asks for what this format does not do.
Result<std::size_t> read_jose_header(std::string_view json,
                                     std::span<char, kMaxKidSize> kid) noexcept;

inline constexpr std::string_view kJoseHeaderStart = R"({"alg":"dir","enc":"A256GCM","kid":")";
inline constexpr std::string_view kJoseHeaderEnd = R"("})";
inline constexpr std::size_t kMaxJoseHeaderSize =
    kJoseHeaderStart.size() + 2 * kMaxKidSize + kJoseHeaderEnd.size();

// The header that names the key `kid`, as this library seals with it. Returns its size.
std::size_t write_jose_header(std::string_view kid,
                              std::span<char, kMaxJoseHeaderSize> json) noexcept;

}  // namespace sealring
