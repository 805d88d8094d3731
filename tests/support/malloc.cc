// SPDX-License-Identifier: Apache-2.0
// Counts what is allocated: the C library's own functions behind these, so that operator new and
// OpenSSL are counted too.
#include "support/malloc.h"

#include <cstdlib>

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);

static thread_local size_t allocations = 0;

void* malloc(size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}
}

namespace sealring {

std::size_t allocation_count() {
  return allocations;
}

}  // namespace sealring
