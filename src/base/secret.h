// SPDX-License-Identifier: Apache-2.0
// Secrets: memory that is wiped before it is freed, and comparison in constant time.
#pragma once

#include <string.h>  // explicit_bzero

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace sealring {

// The optimiser cannot remove it, as it can remove a memset before a free.
inline void wipe(MutableBytes bytes) noexcept {
  if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
}

// Takes the same time wherever the first difference is. The sizes are not secret. Eight bytes at a
// time, then the rest.
inline bool equal_in_constant_time(Bytes a, Bytes b) noexcept {
  if (a.size() != b.size()) return false;
  std::uint64_t difference = 0;
  const auto compare = [&difference, &a, &b](auto word) {
    auto other = word;
    std::memcpy(&word, a.data(), sizeof word);
    std::memcpy(&other, b.data(), sizeof word);
    difference |= std::uint64_t{word} ^ other;
    __asm__("" : "+r"(difference));  // keeps the compiler from leaving the loop early
    a = a.subspan(sizeof word);
    b = b.subspan(sizeof word);
  };
  while (a.size() >= sizeof difference) compare(std::uint64_t{});
  while (!a.empty()) compare(std::uint8_t{});
  return difference == 0;
}

template <std::size_t N>
class SecretArray {
 public:
  SecretArray() = default;
  SecretArray(const SecretArray&) = delete;
  SecretArray& operator=(const SecretArray&) = delete;
  ~SecretArray() { wipe(bytes_); }

  operator std::span<std::uint8_t, N>() { return bytes_; }
  operator std::span<const std::uint8_t, N>() const { return bytes_; }
  std::uint8_t* data() { return bytes_.data(); }
  std::span<std::uint8_t, N> span() { return bytes_; }
  std::span<const std::uint8_t, N> span() const { return bytes_; }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) {
    explicit_bzero(static_cast<void*>(memory), count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) { return true; }
};

// When it grows, no copy is left behind.
using SecretBytes = std::vector<std::uint8_t, WipingAllocator<std::uint8_t>>;

// Only its heap memory is wiped: up to 15 characters may be inside the object itself.
using SecretString = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

}  // namespace sealring
