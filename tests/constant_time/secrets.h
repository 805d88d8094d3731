// SPDX-License-Identifier: Apache-2.0
// Telling valgrind what is secret: memcheck then reports each branch and each address that depends
// on it, as it does for bytes that nobody wrote (Adam Langley's ctgrind).
#pragma once

#include <valgrind/memcheck.h>

#include "base/bytes.h"

namespace sealring {

inline void make_secret(Bytes bytes) {
  VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
}

// What is no secret any more, as a token that was made or a verdict that the caller acts upon.
inline void make_public(Bytes bytes) {
  VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size());
}

template <class T>
T made_public(T value) {
  VALGRIND_MAKE_MEM_DEFINED(&value, sizeof value);
  return value;
}

}  // namespace sealring
