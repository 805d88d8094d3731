// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

namespace sealring::utf8 {

Character first_character(std::string_view text) noexcept {
  const Bytes bytes = as_bytes(text);
  const std::uint32_t lead = bytes[0];
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead < 0xc0   ? 0
                           : lead < 0xe0 ? 2
                           : lead < 0xf0 ? 3
                           : lead < 0xf8 ? 4
                                         : 0;
  if (size == 0 || size > bytes.size()) return {};
  char32_t point = lead & (0x7fU >> size);
  for (const std::uint8_t next : bytes.subspan(1, size - 1)) {
    if ((next & 0xc0U) != 0x80) return {};
    point = point << 6 | (next & 0x3fU);
  }
  constexpr char32_t kSmallest[] = {0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  if (point < kSmallest[size - 2] || point > 0x10ffff || surrogate) return {};
  return {point, size};
}

std::size_t encode(char32_t point, char* out) noexcept {
  if (point < 0x80) {
    *out = static_cast<char>(point);
    return 1;
  }
  const std::size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  for (std::size_t i = size; i-- > 1; point >>= 6)
    out[i] = static_cast<char>(0x80 | (point & 0x3f));
  out[0] = static_cast<char>((0xf00U >> size) | point);
  return size;
}

bool is_valid(std::string_view text) noexcept {
  while (!text.empty()) {
    const std::size_t size = first_character(text).size;
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace sealring::utf8
