// SPDX-License-Identifier: Apache-2.0
// How often this thread has allocated, how much, and allocations that fail. The program has to be
// linked with support/malloc.cc.
#pragma once

#include <cstddef>

namespace sealring {

std::size_t allocation_count();
std::size_t allocated_bytes();  // whether or not they were given back
std::size_t kept_bytes();       // of them, without those that were given back

// While it lives, this thread's allocation after `passes` more fails, and all that follow it too if
// `for_good`.
class FailingAllocation {
 public:
  FailingAllocation(std::size_t passes, bool for_good);
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  ~FailingAllocation();

  bool has_failed() const;
};

}  // namespace sealring
