// SPDX-License-Identifier: Apache-2.0
// What a target does when a promise is broken: it dies, which the fuzzer takes for a finding.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace sealring::fuzz {

inline void check(bool kept, const char* promise) {
  if (kept) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

}  // namespace sealring::fuzz
