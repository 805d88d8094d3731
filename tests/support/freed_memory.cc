// SPDX-License-Identifier: Apache-2.0
#include "support/freed_memory.h"

#include <malloc.h>

#include <cstring>

namespace {

std::span<const std::string> watched;
std::size_t found = 0;

void look(const void* memory) {
  const std::size_t size = malloc_usable_size(const_cast<void*>(memory));
  for (const std::string& text : watched) {
    if (memmem(memory, size, text.data(), text.size()) == nullptr) continue;
    ++found;
    return;
  }
}

}  // namespace

extern "C" {
void __libc_free(void* memory);

void free(void* memory) {
  if (memory != nullptr && !watched.empty()) look(memory);
  __libc_free(memory);
}
}

namespace sealring {

FreedMemory::FreedMemory(std::span<const std::string> texts) {
  watched = texts;
  found = 0;
}

FreedMemory::~FreedMemory() {
  watched = {};
}

std::size_t FreedMemory::count() const {
  return found;
}

}  // namespace sealring
