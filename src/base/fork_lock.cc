// SPDX-License-Identifier: Apache-2.0
#include "base/fork_lock.h"

namespace sealring {
namespace {

constinit std::mutex g_mutex;
constinit std::atomic<std::uint64_t> g_process = 1;

void count_child() {
  ++g_process;
}

[[maybe_unused]] const bool g_registered = []() noexcept {
  if (pthread_atfork(nullptr, nullptr, count_child) != 0) std::abort();
  return lock_during_fork<g_mutex>();
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
