// SPDX-License-Identifier: Apache-2.0
#include "text.h"

#include <algorithm>

#include "base/utf8.h"

namespace sealring::cli {

bool is_text(std::string_view bytes) {
  const auto is_control = [](unsigned char c) { return c < ' ' || c == '\x7f'; };
  return std::ranges::none_of(bytes, is_control) && utf8::is_valid(bytes);
}

void remove_line_end(SecretBytes& bytes) {
  std::string_view content = as_text(bytes);
  if (!content.ends_with('\n')) return;
  content.remove_suffix(1);
  if (content.ends_with('\r')) content.remove_suffix(1);
  if (is_text(content)) bytes.resize(content.size());
}

}  // namespace sealring::cli
