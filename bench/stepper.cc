// SPDX-License-Identifier: Apache-2.0
#include "stepper.h"

#include <signal.h>
#include <ucontext.h>

#include "measure.h"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace sealring::bench {

#if defined(__x86_64__)

namespace {

constexpr int kWarmUp = 10;
constexpr unsigned long long kTrapFlag = 0x100;  // a SIGTRAP after each instruction

volatile std::uint64_t instructions = 0;
greg_t last = 0;

void count_one(int, siginfo_t*, void* context) {
  const greg_t now = static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP];
  if (now != last) instructions = instructions + 1;
  last = now;
}

std::uint64_t counted(const std::function<void()>& work, int calls) {
  const std::uint64_t before = instructions;
  __writeeflags(__readeflags() | kTrapFlag);
  for (int i = 0; i < calls; ++i) work();
  __writeeflags(__readeflags() & ~kTrapFlag);
  return instructions - before;
}

}  // namespace

std::uint64_t instructions_of(const std::function<void()>& work, int calls) {
  struct sigaction action{};
  action.sa_sigaction = count_one;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  require(sigaction(SIGTRAP, &action, nullptr) == 0);
  for (int i = 0; i < kWarmUp; ++i) work();
  const std::uint64_t none = counted(work, 0);
  return (counted(work, calls) - none) / static_cast<unsigned>(calls);
}

#else

std::uint64_t instructions_of(const std::function<void()>&, int) {
  std::cerr << "bench: instructions are counted on x86-64 only\n";
  std::exit(2);
}

#endif

}  // namespace sealring::bench
