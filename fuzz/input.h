// SPDX-License-Identifier: Apache-2.0
// Takes a fuzzer's input apart, from the front. At its end there are only zeros.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace sealring::fuzz {

class Input {
 public:
  explicit Input(Bytes bytes) : left_(bytes) {}

  bool is_over() const { return left_.empty(); }

  // Copies, so that a sanitizer sees where they end.
  std::vector<std::uint8_t> bytes(std::size_t most) {
    const Bytes taken = left_.first(std::min(most, left_.size()));
    left_ = left_.subspan(taken.size());
    return {taken.begin(), taken.end()};
  }

  std::uint8_t byte() {
    const auto taken = bytes(1);
    return taken.empty() ? 0 : taken.front();
  }
  std::size_t below(std::size_t bound) { return byte() % bound; }
  std::uint64_t number() {
    std::array<std::uint8_t, 8> number{};
    copy(bytes(number.size()), number);
    return load_big_endian(std::span<const std::uint8_t, 8>(number));
  }

  // A byte that says how many, and that many.
  std::vector<std::uint8_t> counted_bytes() { return bytes(byte()); }

  template <class T, std::size_t N>
  const T& one_of(const std::array<T, N>& choices) {
    return choices[below(N)];
  }

 private:
  Bytes left_;
};

}  // namespace sealring::fuzz
