// SPDX-License-Identifier: Apache-2.0
#include "base/fork_lock.h"

#include <pthread.h>

#include <cstdlib>
#include <mutex>

namespace sealring {
namespace {

constinit std::mutex g_mutex;
constinit std::atomic<std::uint64_t> g_process = 1;

void before_fork() {
  g_mutex.lock();
}

void in_parent() {
  g_mutex.unlock();
}

void in_child() {
  ++g_process;
  g_mutex.unlock();
}

// Registered when the library is loaded: if a thread registered later, a child forked at that
// moment could wait for it for ever. It fails only if there is no memory for a few words.
[[maybe_unused]] const bool g_registered = []() noexcept {
  if (pthread_atfork(before_fork, in_parent, in_child) != 0) std::abort();
  return true;
}();

}  // namespace

ForkLock::ForkLock() noexcept {
  g_mutex.lock();
}

ForkLock::~ForkLock() {
  g_mutex.unlock();
}

std::uint64_t process_generation() noexcept {
  return g_process;
}

}  // namespace sealring
