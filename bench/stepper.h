// SPDX-License-Identifier: Apache-2.0
// Counts instructions by a signal after each, on the processor as it is: valgrind has no
// AVX-512, of which the fastest ciphers are made.
#pragma once

#include <cstdint>
#include <functional>

namespace sealring::bench {

// Of a call, the mean of so many. In user space; a repeated string instruction is one.
std::uint64_t instructions_of(const std::function<void()>& work, int calls);

}  // namespace sealring::bench
