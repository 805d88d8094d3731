// SPDX-License-Identifier: Apache-2.0
#include "base/read_start.h"

#include <unistd.h>

#include <cerrno>

namespace sealring {

std::optional<std::size_t> read_start(int descriptor, MutableBytes to) noexcept {
  std::size_t filled = 0;
  while (filled < to.size()) {
    const ssize_t count =
        pread(descriptor, to.data() + filled, to.size() - filled, static_cast<off_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

}  // namespace sealring
