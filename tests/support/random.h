// SPDX-License-Identifier: Apache-2.0
// Test inputs that look random and are the same in every run.
#pragma once

#include <array>
#include <random>
#include <vector>

#include "base/bytes.h"

namespace sealring {

class Randomness {
 public:
  explicit Randomness(std::uint64_t seed = 1) : engine_(seed) {}

  std::size_t below(std::size_t bound) { return engine_() % bound; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(engine_()); }

  void fill(MutableBytes bytes) {
    for (std::uint8_t& byte : bytes) byte = this->byte();
  }
  std::vector<std::uint8_t> bytes(std::size_t size) {
    std::vector<std::uint8_t> bytes(size);
    fill(bytes);
    return bytes;
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> array() {
    std::array<std::uint8_t, N> bytes;
    fill(bytes);
    return bytes;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace sealring
