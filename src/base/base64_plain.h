// SPDX-License-Identifier: Apache-2.0
// Base64 without padding, strict, on any machine. Not inlined, because most of what is coded in
// blocks needs none of it.
#pragma once

#include <array>

#include "base/bytes.h"

namespace sealring {

template <class Alphabet>
class Base64Plain {
 public:
  [[gnu::noinline]] static std::size_t encode(Bytes bytes, char* text) noexcept {
    const std::uint8_t* in = bytes.data();
    char* out = text;
    std::size_t left = bytes.size();
    for (; left >= 3; left -= 3, in += 3, out += 4) {
      const std::uint32_t group = std::uint32_t{in[0]} << 16 | std::uint32_t{in[1]} << 8 | in[2];
      std::memcpy(out, kPairs[group >> 12].data(), 2);
      std::memcpy(out + 2, kPairs[group & 0xfff].data(), 2);
    }
    if (left == 2) {
      const std::uint32_t group = std::uint32_t{in[0]} << 10 | std::uint32_t{in[1]} << 2;
      *out++ = Alphabet::kCharacters[group >> 12];
      std::memcpy(out, kPairs[group & 0xfff].data(), 2);
      out += 2;
    } else if (left == 1) {
      std::memcpy(out, kPairs[std::uint32_t{in[0]} << 4].data(), 2);
      out += 2;
    }
    return static_cast<std::size_t>(out - text);
  }

  // Decodes a text of a possible size. False if it has a character that is not in the alphabet, or
  // unused bits that are not zero.
  [[gnu::noinline]] static bool decode(std::string_view text, std::uint8_t* out) noexcept {
    const char* in = text.data();
    std::uint32_t faults = 0;
    for (std::size_t groups = text.size() / 4; groups > 0; --groups, in += 4, out += 3) {
      const std::uint32_t a = value(in[0]), b = value(in[1]), c = value(in[2]), d = value(in[3]);
      faults |= a | b | c | d;
      const std::uint32_t group = a << 18 | b << 12 | c << 6 | d;
      out[0] = static_cast<std::uint8_t>(group >> 16);
      out[1] = static_cast<std::uint8_t>(group >> 8);
      out[2] = static_cast<std::uint8_t>(group);
    }
    faults &= kInvalid;

    if (const std::size_t left = text.size() % 4; left != 0) {
      const std::uint32_t a = value(in[0]), b = value(in[1]);
      const std::uint32_t c = left == 3 ? value(in[2]) : 0;
      const std::uint32_t group = a << 18 | b << 12 | c << 6;
      faults |= (a | b | c) & kInvalid;
      faults |= group & (left == 3 ? 0xffU : 0xffffU);
      out[0] = static_cast<std::uint8_t>(group >> 16);
      if (left == 3) out[1] = static_cast<std::uint8_t>(group >> 8);
    }
    return faults == 0;
  }

 private:
  // The two characters of each 12-bit number: one look-up for half a group.
  static constexpr auto kPairs = [] {
    constexpr auto& kCharacters = Alphabet::kCharacters;
    std::array<std::array<char, 2>, 4096> pairs{};
    for (std::size_t i = 0; i < pairs.size(); ++i)
      pairs[i] = {kCharacters[i >> 6], kCharacters[i & 63]};
    return pairs;
  }();

  // Has a bit above every 6-bit value and every sum of shifted ones, so that it survives in an OR.
  static constexpr std::uint32_t kInvalid = 1U << 31;

  static constexpr auto kValues = [] {
    std::array<std::uint32_t, 256> values{};
    values.fill(kInvalid);
    for (std::uint32_t i = 0; i < 64; ++i) {
      values[static_cast<std::uint8_t>(Alphabet::kCharacters[i])] = i;
    }
    return values;
  }();

  static std::uint32_t value(char c) { return kValues[static_cast<std::uint8_t>(c)]; }
};

}  // namespace sealring
