// SPDX-License-Identifier: Apache-2.0
// The alphabets of RFC 4648, which differ in their last two characters.
#pragma once

#include <array>
#include <string_view>

namespace sealring {

template <char kCharacter62, char kCharacter63>
struct Base64Alphabet {
  static constexpr auto kCharacters = [] {
    constexpr std::string_view kCommon =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::array<char, 64> characters{};
    for (std::size_t i = 0; i < kCommon.size(); ++i) characters[i] = kCommon[i];
    characters[62] = kCharacter62;
    characters[63] = kCharacter63;
    return characters;
  }();

  // -1: not in the alphabet.
  static constexpr int value_of(int character) {
    for (int i = 0; i < 64; ++i) {
      if (kCharacters[static_cast<std::size_t>(i)] == character) return i;
    }
    return -1;
  }
};

}  // namespace sealring
