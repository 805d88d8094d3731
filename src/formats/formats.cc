// SPDX-License-Identifier: Apache-2.0
// The list of token formats.
#include "formats/format.h"

namespace sealring {

std::span<const FormatRow* const> formats() noexcept {
  static constexpr const FormatRow* kFormats[] = {&kS1, &kJwe, &kApacheLegacy, &kNginxLegacy};
  return kFormats;
}

Bytes FormatRow::token_in(Bytes input) const noexcept {
  if (!is_text) return input;
  while (!input.empty() && (input.back() == ' ' || input.back() == '\t')) {
    input = input.first(input.size() - 1);
  }
  return input;
}

}  // namespace sealring
