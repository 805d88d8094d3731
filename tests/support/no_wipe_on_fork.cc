// SPDX-License-Identifier: Apache-2.0
#include "support/no_wipe_on_fork.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace {

bool refused = false;

}  // namespace

// Replaces the C library's.
extern "C" int madvise(void* address, std::size_t size, int advice) noexcept {
  if (refused && advice == MADV_WIPEONFORK) {
    errno = EINVAL;
    return -1;
  }
  return static_cast<int>(syscall(SYS_madvise, address, size, advice));
}

namespace sealring {

NoWipeOnFork::NoWipeOnFork() {
  refused = true;
}

NoWipeOnFork::~NoWipeOnFork() {
  refused = false;
}

}  // namespace sealring
