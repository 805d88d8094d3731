// SPDX-License-Identifier: Apache-2.0
// PKCS #7 padding (RFC 5652 section 6.3), which the old CBC formats use. It is not left to the
// crypto library, so that every driver checks it in the same way and in constant time.
#pragma once

#include "base/bytes.h"

namespace sealring::pkcs7 {

// Blocks are at most 255 bytes; there is always at least one byte of padding.
constexpr std::size_t padded_size(std::size_t size, std::size_t block) {
  return size + block - size % block;
}

// Fills the end of a buffer of padded_size(size, block) bytes.
inline void pad(MutableBytes padded, std::size_t size) noexcept {
  const std::size_t count = padded.size() - size;
  std::memset(padded.data() + size, static_cast<int>(count), count);
}

// Returns the value. The compiler does not see that, or gcc 12 turns `count` into a loop's counter.
inline std::uint32_t opaque(std::uint32_t value) noexcept {
  __asm__("" : "+r"(value));
  return value;
}

// The size without padding, or `padded.size()` (which no valid padding gives) if the padding is
// wrong. The size must be a multiple of `block` and not 0. No branch and no address depends on the
// content; only the result does.
inline std::size_t unpadded_size(Bytes padded, std::size_t block) noexcept {
  const std::uint32_t count = padded.back();
  std::uint32_t faults = (count - 1) & 0x100;                     // a count of 0
  faults |= (static_cast<std::uint32_t>(block) - count) & 0x100;  // a count above `block`
  for (std::uint32_t i = 1; i <= block; ++i) {
    const std::uint32_t byte = padded[padded.size() - i];
    const std::uint32_t outside = (opaque(count) - i) >> 31;  // 1 where i > count
    faults |= (byte ^ count) & (outside - 1);
  }
  const std::size_t bad = (faults | (0U - faults)) >> 31;
  return padded.size() - (count & (bad - 1));
}

}  // namespace sealring::pkcs7
