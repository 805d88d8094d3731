// SPDX-License-Identifier: Apache-2.0
// Plain text: ASCII that a JSON string holds as it is.
#pragma once

namespace sealring {

// The first byte that is below 0x20, above 0x7f, a quote or a backslash, or else the end.
const char* skip_plain(const char* at, const char* end) noexcept;

}  // namespace sealring
