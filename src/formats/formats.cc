// SPDX-License-Identifier: Apache-2.0
// The list of token formats.
#include "formats/format.h"

namespace sealring {

std::span<const FormatRow* const> formats() noexcept {
  static constexpr const FormatRow* kFormats[] = {&kS1, &kJwe, &kApacheLegacy, &kNginxLegacy};
  return kFormats;
}

}  // namespace sealring
