// SPDX-License-Identifier: Apache-2.0
// Bytes as hexadecimal text, as vectors hold them.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace sealring {

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

inline std::string to_hex(Bytes bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  return text;
}

inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) throw std::invalid_argument("an odd number of hexadecimal digits");
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const std::size_t high = kHexDigits.find(text[i]), low = kHexDigits.find(text[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      throw std::invalid_argument("not a hexadecimal digit");
    }
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

inline std::string from_hex_text(std::string_view text) {
  return std::string(as_text(from_hex(text)));
}

}  // namespace sealring
