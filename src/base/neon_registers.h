// SPDX-License-Identifier: Apache-2.0
// What arm64 processors do after work with secrets in vector registers.
#pragma once

namespace sealring {

// The data may be secret, and the dynamic linker saves these registers on the stack.
inline void forget_registers() noexcept {
  __asm__ volatile(
      "movi v0.2d, #0\n movi v1.2d, #0\n movi v2.2d, #0\n movi v3.2d, #0\n"
      "movi v4.2d, #0\n movi v5.2d, #0\n movi v6.2d, #0\n movi v7.2d, #0\n"
      :
      :
      : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7");
}

}  // namespace sealring
