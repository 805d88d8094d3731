// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "base/bytes.h"

namespace sealring {

// Reads from the start of a file until `to` is full or the file ends. Returns how many bytes were
// read; nothing if that failed, see errno.
std::optional<std::size_t> read_start(int descriptor, MutableBytes to) noexcept;

}  // namespace sealring
