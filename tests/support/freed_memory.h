// SPDX-License-Identifier: Apache-2.0
// Sees what is in memory when it is freed. The program has to be linked with
// support/freed_memory.cc.
#pragma once

#include <span>
#include <string>

namespace sealring {

// How many blocks were freed, while it lived, that held one of the texts.
class FreedMemory {
 public:
  explicit FreedMemory(std::span<const std::string> texts);
  FreedMemory(const FreedMemory&) = delete;
  FreedMemory& operator=(const FreedMemory&) = delete;
  ~FreedMemory();

  std::size_t count() const;
};

}  // namespace sealring
