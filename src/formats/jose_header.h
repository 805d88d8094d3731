// SPDX-License-Identifier: Apache-2.0
// The protected header of a JWE (spec/token-jwe.md section 4): JSON, with much that is refused.
#pragma once

#include "formats/format.h"

namespace sealring {

// The kid, within `json`, which is written to where that has escapes; empty if the header has none.
// malformed: it is no header of any JWE, or names no key that a ring could hold; unsupported: it
// asks for what this format does not do.
Checked<std::string_view> read_jose_header(MutableBytes json) noexcept;

inline constexpr std::string_view kJoseHeaderStart = R"({"alg":"dir","enc":"A256GCM","kid":")";
inline constexpr std::string_view kJoseHeaderEnd = R"("})";
inline constexpr std::size_t kMaxJoseHeaderSize =
    kJoseHeaderStart.size() + 2 * kMaxKidSize + kJoseHeaderEnd.size();

// The header that names the key `kid`, as this library seals with it. Returns its size.
std::size_t write_jose_header(std::string_view kid,
                              std::span<char, kMaxJoseHeaderSize> json) noexcept;

}  // namespace sealring
