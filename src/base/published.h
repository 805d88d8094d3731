// SPDX-License-Identifier: Apache-2.0
// A value that threads share and that is always replaced as a whole.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/fork_lock.h"

namespace sealring {

template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> value) noexcept : value_(std::move(value)) {}

  std::shared_ptr<const T> get() const noexcept {
    const ForkLock lock;
    return value_;
  }

  // Threads that have the previous value go on with it; the last of them frees it.
  void put(std::shared_ptr<const T> value) noexcept {
    const ForkLock lock;
    value_.swap(value);
    generation_.fetch_add(1, std::memory_order_release);
  }

  // Rises with each put(). Read it before get(): then you may get the same value twice, but never
  // miss one.
  std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

 private:
  std::shared_ptr<const T> value_;
  std::atomic<std::uint64_t> generation_{1};
};

}  // namespace sealring
