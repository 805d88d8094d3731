// SPDX-License-Identifier: Apache-2.0
// Counts what is allocated, or lets it fail: the C library's own functions behind these, so that
// operator new and OpenSSL are counted too.
#include "support/malloc.h"

#include <malloc.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>

namespace {

thread_local std::size_t allocations = 0;
thread_local std::size_t bytes = 0;
thread_local std::size_t kept = 0;
thread_local std::size_t first_failure = SIZE_MAX;
thread_local bool fails_for_good = false;

bool fails(std::size_t size) {
  bytes += size;
  const std::size_t number = allocations++;
  const bool failing = number == first_failure || (fails_for_good && number > first_failure);
  if (failing) errno = ENOMEM;
  return failing;
}

void* counted(void* memory) {
  kept += malloc_usable_size(memory);
  return memory;
}

}  // namespace

extern "C" {
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
void __libc_free(void* memory);

void* malloc(size_t size) {
  return fails(size) ? nullptr : counted(__libc_malloc(size));
}
void* calloc(size_t count, size_t size) {
  return fails(count * size) ? nullptr : counted(__libc_calloc(count, size));
}
void* realloc(void* memory, size_t size) {
  if (fails(size)) return nullptr;
  kept -= malloc_usable_size(memory);
  return counted(__libc_realloc(memory, size));
}
void* aligned_alloc(size_t alignment, size_t size) {
  return fails(size) ? nullptr : counted(__libc_memalign(alignment, size));
}
void free(void* memory) {
  kept -= malloc_usable_size(memory);
  __libc_free(memory);
}
}

namespace sealring {

std::size_t allocation_count() {
  return allocations;
}

std::size_t allocated_bytes() {
  return bytes;
}

std::size_t kept_bytes() {
  return kept;
}

FailingAllocation::FailingAllocation(std::size_t passes, bool for_good) {
  first_failure = allocations + passes;
  fails_for_good = for_good;
}

FailingAllocation::~FailingAllocation() {
  first_failure = SIZE_MAX;
}

bool FailingAllocation::has_failed() const {
  return allocations > first_failure;
}

}  // namespace sealring
