// SPDX-License-Identifier: Apache-2.0
// base64 with padding (RFC 4648 section 4), strict: one text for each byte string.
#pragma once

#include "base/bytes.h"
#include "base/error.h"

namespace sealring::base64 {

constexpr std::size_t encoded_size(std::size_t size) {
  return (size + 2) / 3 * 4;
}

// An upper bound: with padding there are up to two bytes fewer.
constexpr std::size_t decoded_size(std::size_t size) {
  return size / 4 * 3;
}

// Writes encoded_size(bytes.size()) characters to `text` and returns how many. The bytes may be at
// the end of `text` itself, as with base64url.
std::size_t encode(Bytes bytes, char* text) noexcept;

// Writes at most decoded_size(text.size()) bytes to `bytes`, which must not overlap the text, and
// returns how many. Refuses as malformed: characters outside the alphabet, missing or superfluous
// padding, and unused bits that are not zero. The time depends only on the size and the padding.
Result<std::size_t> decode(std::string_view text, MutableBytes bytes) noexcept;

}  // namespace sealring::base64
