// SPDX-License-Identifier: Apache-2.0
// UTF-8 (RFC 3629), strict: no overlong forms, no surrogates, nothing beyond U+10FFFF.
#pragma once

#include "base/bytes.h"

namespace sealring::utf8 {

struct Character {
  char32_t point = 0;
  std::size_t size = 0;  // in bytes; 0: not well-formed
};

// The first character of a text that is not empty.
Character first_character(std::string_view text) noexcept;

// Writes up to 4 bytes and returns how many. Half of a surrogate pair becomes 3 bytes, which are
// not UTF-8.
std::size_t encode(char32_t point, char* out) noexcept;

bool is_valid(std::string_view text) noexcept;

}  // namespace sealring::utf8
