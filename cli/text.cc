// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <algorithm>

#include "base/utf8.h"

namespace sealring::cli {

bool is_text(std::string_view bytes) {
  const auto is_control = [](unsigned char c) { return c < ' ' || c == '\x7f'; };
  return std::ranges::none_of(bytes, is_control) && utf8::is_valid(bytes);
}

std::string printable(std::string_view text) {
  const bool is_utf8 = utf8::is_valid(text);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters, too.
    const bool is_c1 =
        byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (is_c1) ++i;
    const bool is_shown = byte >= ' ' && byte != 0x7f && !is_c1 && (is_utf8 || byte < 0x80);
    out += is_shown ? text[i] : '?';
  }
  return out;
}

std::string printable_lines(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += printable(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

void remove_line_end(SecretBytes& bytes) {
  std::string_view content = as_text(bytes);
  if (!content.ends_with('\n')) return;
  content.remove_suffix(1);
  if (content.ends_with('\r')) content.remove_suffix(1);
  if (is_text(content)) bytes.resize(content.size());
}

}  // namespace sealring::cli
