// SPDX-License-Identifier: Apache-2.0
// Views of bytes, and big-endian numbers in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace sealring {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// memcpy, but an empty view may point nowhere.
inline void copy(Bytes from, MutableBytes to) {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}

template <std::size_t N>
constexpr std::uint64_t load_big_endian(std::span<const std::uint8_t, N> bytes) {
  static_assert(N <= 8);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

template <std::size_t N>
constexpr void store_big_endian(std::uint64_t value, std::span<std::uint8_t, N> bytes) {
  static_assert(N <= 8);
  for (std::size_t i = N; i-- > 0; value >>= 8) bytes[i] = static_cast<std::uint8_t>(value);
}

}  // namespace sealring
