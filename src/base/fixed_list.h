// SPDX-License-Identifier: Apache-2.0
// A list of at most N elements in its own memory, which is not cleared when a list is made.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>

namespace sealring {

template <typename T, std::size_t N>
class FixedList {
  static_assert(std::is_trivially_destructible_v<T> && std::is_trivially_copy_assignable_v<T>);

 public:
  FixedList() noexcept {}

  // Nothing is added to a full list.
  void add(const T& element) noexcept {
    if (count_ < N) all_[count_++] = element;
  }

  std::size_t size() const noexcept { return count_; }
  const T& operator[](std::size_t index) const noexcept { return all_[index]; }
  std::span<const T> elements() const noexcept { return {all_, count_}; }

 private:
  union {
    T all_[N];
  };
  std::size_t count_ = 0;
};

}  // namespace sealring
