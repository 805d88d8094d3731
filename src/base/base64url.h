// SPDX-License-Identifier: Apache-2.0
// base64url without padding (RFC 4648 section 5), strict: one text for each byte string.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace sealring::base64url {

constexpr std::size_t encoded_size(std::size_t size) {
  return size + (size + 2) / 3;
}

// An upper bound; exact for the sizes that a valid text can have.
constexpr std::size_t decoded_size(std::size_t size) {
  return size - (size + 3) / 4;
}

// Writes encoded_size(bytes.size()) characters to `text` and returns how many. The bytes may be at
// the end of `text` itself: each group of three is read before its four characters are written, so
// writing never overtakes reading.
std::size_t encode(Bytes bytes, char* text) noexcept;

std::string encode(Bytes bytes);

// Writes decoded_size(text.size()) bytes to `bytes`, which must be large enough and must not
// overlap the text, and returns how many. Refuses as malformed: characters outside the alphabet,
// padding, impossible sizes, and unused bits that are not zero. The time depends only on the size.
Result<std::size_t> decode(std::string_view text, MutableBytes bytes) noexcept;

}  // namespace sealring::base64url
