// SPDX-License-Identifier: Apache-2.0
// The protected header of a JWE (spec/token-jwe.md section 4): JSON, of which only a small part is
// accepted.
#pragma once

#include <optional>

#include "formats/format.h"

namespace sealring {

// Returns the kid, or an empty text if the header has none. The kid is within `json`, which is
// written to if the kid has escapes. malformed: it is not the header of a JWE, or names a key that
// no ring could contain; unsupported: it asks for something that this format does not support.
Checked<std::string_view> read_jose_header(MutableBytes json) noexcept;

// The kid in a header's text if the header is as write_jose_header() writes it, without escapes. It
// is what read_jose_header() would return, for a tenth of the instructions. Writes to `room`, which
// holds the decoded header.
std::optional<std::string_view> usual_kid(std::string_view header_text, MutableBytes room) noexcept;

inline constexpr std::string_view kJoseHeaderStart = R"({"alg":"dir","enc":"A256GCM","kid":")";
// Its base64url.
inline constexpr std::string_view kJoseHeaderStartText =
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIiwia2lkIjoi";
static_assert(kJoseHeaderStart.size() % 3 == 0);
inline constexpr std::string_view kJoseHeaderEnd = R"("})";
inline constexpr std::size_t kMaxJoseHeaderSize =
    kJoseHeaderStart.size() + 2 * kMaxKidSize + kJoseHeaderEnd.size();

// Writes the header that names the key `kid`, as this library seals with it. Returns its size.
std::size_t write_jose_header(std::string_view kid,
                              std::span<char, kMaxJoseHeaderSize> json) noexcept;

}  // namespace sealring
