// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <algorithm>

namespace sealring::cli {
namespace {

// The size of the character at the front, or 0 if it is not well-formed.
std::size_t character_size(Bytes bytes) {
  const std::uint32_t lead = bytes[0];
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xc0 ? 0
                           : lead < 0xe0 ? 2
                           : lead < 0xf0 ? 3
                                         : 4;
  if (size == 1) return 1;
  if (size == 0 || size > bytes.size()) return 0;
  std::uint32_t point = lead & (0x7fU >> size);
  for (const std::uint8_t next : bytes.subspan(1, size - 1)) {
    if ((next & 0xc0U) != 0x80) return 0;
    point = point << 6 | (next & 0x3fU);
  }
  constexpr std::uint32_t kSmallest[] = {0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xd800 && point <= 0xdfff;
  return point >= kSmallest[size - 2] && point <= 0x10ffff && !surrogate && lead < 0xf8 ? size : 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
  Bytes bytes = as_bytes(text);
  while (!bytes.empty()) {
    const std::size_t size = character_size(bytes);
    if (size == 0) return false;
    bytes = bytes.subspan(size);
  }
  return true;
}

bool is_text(std::string_view bytes) {
  const auto is_control = [](char c) { return (c >= '\0' && c < ' ') || c == '\x7f'; };
  return std::ranges::none_of(bytes, is_control) && is_utf8(bytes);
}

void remove_line_end(SecretBytes& bytes) {
  std::string_view content = as_text(bytes);
  if (!content.ends_with('\n')) return;
  content.remove_suffix(1);
  if (content.ends_with('\r')) content.remove_suffix(1);
  if (is_text(content)) bytes.resize(content.size());
}

}  // namespace sealring::cli
