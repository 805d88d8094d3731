// SPDX-License-Identifier: Apache-2.0
// SipHash-2-4 with 64 bits of output, after "SipHash: a fast short-input PRF" (Aumasson and
// Bernstein, 2012). For the old Apache format, and where nobody is to be kept from forging: eight
// bytes are short for a MAC.
#pragma once

#include <array>
#include <bit>

#include "base/bytes.h"

namespace sealring {

class SipHash24 {
 public:
  static constexpr std::size_t kKeySize = 16;
  static constexpr std::size_t kSize = 8;
  using Mac = std::array<std::uint8_t, kSize>;

  static Mac compute(std::span<const std::uint8_t, kKeySize> key, Bytes message) noexcept {
    SipHash24 state(load(key.data()), load(key.data() + 8));
    Bytes left = message;
    for (; left.size() >= 8; left = left.subspan(8)) state.compress(load(left.data()));
    // The last word: the remaining bytes, zeros, and the message's size modulo 256.
    std::uint8_t last[8] = {};
    copy(left, last);
    last[7] = static_cast<std::uint8_t>(message.size());
    state.compress(load(last));
    return state.finish();
  }

 private:
  // The constants of section 2.1: "somepseudorandomlygeneratedbytes".
  SipHash24(std::uint64_t k0, std::uint64_t k1)
      : v0_(k0 ^ 0x736f6d6570736575),
        v1_(k1 ^ 0x646f72616e646f6d),
        v2_(k0 ^ 0x6c7967656e657261),
        v3_(k1 ^ 0x7465646279746573) {}

  void round() {
    v0_ += v1_;
    v2_ += v3_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v1_;
    v0_ += v3_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ = std::rotl(v2_, 32);
  }

  void compress(std::uint64_t word) {
    v3_ ^= word;
    round();
    round();
    v0_ ^= word;
  }

  Mac finish() {
    v2_ ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    std::uint64_t word = v0_ ^ v1_ ^ v2_ ^ v3_;
    Mac mac;
    for (std::uint8_t& byte : mac) {
      byte = static_cast<std::uint8_t>(word);
      word >>= 8;
    }
    return mac;
  }

  // Little-endian.
  static std::uint64_t load(const std::uint8_t* bytes) {
    std::uint64_t word = 0;
    for (std::size_t i = 8; i-- > 0;) word = word << 8 | bytes[i];
    return word;
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace sealring
