// SPDX-License-Identifier: Apache-2.0
// A kernel that does not know MADV_WIPEONFORK, as before Linux 4.14.
#pragma once

namespace sealring {

// For as long as an object of this type lives.
class NoWipeOnFork {
 public:
  NoWipeOnFork();
  ~NoWipeOnFork();
  NoWipeOnFork(const NoWipeOnFork&) = delete;
  NoWipeOnFork& operator=(const NoWipeOnFork&) = delete;
};

}  // namespace sealring
