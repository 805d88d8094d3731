// SPDX-License-Identifier: Apache-2.0
// How often this thread has allocated. The program has to be linked with support/malloc.cc.
#pragma once

#include <cstddef>

namespace sealring {

std::size_t allocation_count();

}  // namespace sealring
