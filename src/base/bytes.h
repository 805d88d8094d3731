// SPDX-License-Identifier: Apache-2.0
// Views of bytes, and big-endian numbers in them.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

namespace sealring {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

inline Bytes as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(Bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Like memcpy, but the pointer of an empty view may be null.
inline void copy(Bytes from, MutableBytes to) {
  if (!from.empty()) std::memcpy(to.data(), from.data(), from.size());
}

// Compilers turn these into one load or store and a byte swap; they do not do that with a loop.
template <std::size_t N>
constexpr std::uint64_t load_big_endian(std::span<const std::uint8_t, N> bytes) {
  static_assert(N <= 8);
  return [bytes]<std::size_t... I>(std::index_sequence<I...>) {
    return ((std::uint64_t{bytes[I]} << 8 * (N - 1 - I)) | ...);
  }(std::make_index_sequence<N>());
}

template <std::size_t N>
constexpr void store_big_endian(std::uint64_t value, std::span<std::uint8_t, N> bytes) {
  static_assert(N <= 8);
  const std::uint64_t first_lowest = std::byteswap(value << 8 * (8 - N));
  [first_lowest, bytes]<std::size_t... I>(std::index_sequence<I...>) {
    ((bytes[I] = static_cast<std::uint8_t>(first_lowest >> 8 * I)), ...);
  }(std::make_index_sequence<N>());
}

}  // namespace sealring
