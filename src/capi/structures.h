// SPDX-License-Identifier: Apache-2.0
// Structures that may grow: the caller's may have fewer or more members than this library knows,
// because it was compiled with another version of the header.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <type_traits>

#include "base/bytes.h"

namespace sealring::capi {

// The size in the first version of the header. Specialise it for a structure that has grown since.
// A new member must come after the old size, not in its padding, which old programs do not set.
template <class Struct>
inline constexpr std::size_t kFirstSize = sizeof(Struct);

// No structure grows beyond it: a larger size was never set.
inline constexpr std::size_t kMaxSize = 4096;

template <class Struct>
bool has_size(const Struct* given) noexcept {
  return given != nullptr && given->size >= kFirstSize<Struct> && given->size <= kMaxSize;
}

// Members that the caller does not know read as zero. Those that this library does not know must be
// zero: it could not do what they ask for.
template <class Struct>
std::optional<Struct> read_structure(const Struct* given) noexcept {
  if (!has_size(given)) return std::nullopt;
  const auto* raw = reinterpret_cast<const std::uint8_t*>(given);
  for (std::size_t i = sizeof(Struct); i < given->size; ++i) {
    if (raw[i] != 0) return std::nullopt;
  }
  Struct known{};
  std::memcpy(&known, raw, std::min(given->size, sizeof(Struct)));
  known.size = sizeof(Struct);
  return known;
}

// Zeroes the members that this library does not know.
template <class Struct>
void zero_unknown(Struct* to) noexcept {
  if (to->size <= sizeof(Struct)) return;
  std::memset(reinterpret_cast<std::uint8_t*>(to) + sizeof(Struct), 0, to->size - sizeof(Struct));
}

// Members that the caller does not know are left out.
template <class Struct>
void write_structure(const Struct& made, Struct* to) noexcept {
  const std::size_t size = to->size;
  std::memcpy(reinterpret_cast<std::uint8_t*>(to), &made, std::min(size, sizeof(Struct)));
  to->size = size;
  zero_unknown(to);
}

// The element at `index` of an array whose elements all have the size of the first.
template <class Struct>
Struct* element(Struct* first, std::size_t index) noexcept {
  using Byte = std::conditional_t<std::is_const_v<Struct>, const std::uint8_t, std::uint8_t>;
  return reinterpret_cast<Struct*>(reinterpret_cast<Byte*>(first) + index * first->size);
}

}  // namespace sealring::capi
