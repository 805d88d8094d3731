// SPDX-License-Identifier: Apache-2.0
// Sharing between threads in a process that may fork at any time. The child has one thread, the one
// that called fork(), and must never wait for the others.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <mutex>

namespace sealring {

// Holds the only lock of its kind in the process, from construction to destruction. fork() takes it
// too, so a child never inherits it locked and never sees guarded data half changed. Hold it for a
// few instructions only, and neither wait nor take another lock meanwhile.
class ForkLock {
 public:
  ForkLock() noexcept;
  ForkLock(const ForkLock&) = delete;
  ForkLock& operator=(const ForkLock&) = delete;
  ~ForkLock();
};

// Makes each fork() hold the mutex, so that a child never inherits it locked by a thread that does
// not exist there. Call it once, when the library is loaded: if a thread called it later, a child
// forked at that moment could wait for it for ever. It fails only if there is no memory for a few
// words.
template <std::mutex& Mutex>
bool lock_during_fork() noexcept {
  constexpr auto kUnlock = [] { Mutex.unlock(); };
  if (pthread_atfork([] { Mutex.lock(); }, kUnlock, kUnlock) != 0) std::abort();
  return true;
}

// 1 at first; in each child one more than in its parent.
std::uint64_t process_generation() noexcept;

// For work that one thread does at a time while the others go on without it. `holder` is 0 at
// first. If another thread had the turn when the process forked, the turn is free in the child.
class Turn {
 public:
  explicit Turn(std::atomic<std::uint64_t>& holder) noexcept : holder_(holder) {
    const std::uint64_t process = process_generation();
    std::uint64_t held = holder_.load();
    taken_ = held != process && holder_.compare_exchange_strong(held, process);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (taken_) holder_ = 0;
  }

  bool taken() const noexcept { return taken_; }

 private:
  std::atomic<std::uint64_t>& holder_;
  bool taken_;
};

}  // namespace sealring
