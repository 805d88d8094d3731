// SPDX-License-Identifier: Apache-2.0
// Base64 in blocks of 48 bytes and 64 characters, on arm64 processors, all of which have NEON. Its
// loads and stores separate the parts of groups, and its look-ups have tables of 64 bytes.
// Base64Plain does what is left of a text, and tests compare the two. No branch and no address
// depends on the data.
#pragma once

#include <arm_neon.h>

#include <array>

#include "base/base64_plain.h"
#include "base/bytes.h"
#include "base/neon_registers.h"

namespace sealring {

template <class Alphabet>
class Base64Neon {
 public:
  static constexpr bool is_supported() noexcept { return true; }

  // One block.
  static constexpr std::size_t kBytes = 48;
  static constexpr std::size_t kCharacters = 64;

  // If there is at least one block: encodes all whole groups of three bytes and returns how many
  // they are; otherwise returns 0. The bytes may be at the end of the text: writing does not
  // overtake reading. Only the last block overlaps the one before it, so it is read first.
  static std::size_t encode(Bytes bytes, char* text) noexcept {
    const std::size_t groups = bytes.size() / 3;
    if (groups < kBytes / 3) return 0;
    const std::size_t last_offset = groups * 3 - kBytes;
    const uint8x16x4_t last = to_characters(bytes.data() + last_offset);
    for (std::size_t offset = 0; offset < last_offset; offset += kBytes) {
      store(text + offset / 3 * 4, to_characters(bytes.data() + offset));
    }
    store(text + last_offset / 3 * 4, last);
    return groups;
  }

  // The shortest text to decode: a block.
  static constexpr std::size_t kLeastText = kCharacters;

  // Decodes a text of a possible size. False if it has a character that is not in the alphabet, or
  // unused bits that are not zero. The last block overlaps the one before it.
  static bool decode(std::string_view text, std::uint8_t* bytes) noexcept {
    const std::size_t whole = text.size() / 4 * 4;
    const std::size_t last_offset = whole - kCharacters;
    uint8x16_t faults = vdupq_n_u8(0);
    for (std::size_t offset = 0; offset < last_offset; offset += kCharacters) {
      decode_block(text.data() + offset, bytes + offset / 4 * 3, faults);
    }
    decode_block(text.data() + last_offset, bytes + last_offset / 4 * 3, faults);
    const bool valid = vmaxvq_u8(faults) < kInvalid;
    forget_registers();
    return Base64Plain<Alphabet>::decode(text.substr(whole), bytes + whole / 4 * 3) && valid;
  }

 private:
  // The highest bit, which no value and no character of the alphabet has.
  static constexpr std::uint8_t kInvalid = 0x80;

  using Table = std::array<std::uint8_t, 64>;

  static constexpr Table kCharacterOf = [] {
    Table table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
      table[i] = static_cast<std::uint8_t>(Alphabet::kCharacters[i]);
    }
    return table;
  }();

  // The values of 64 characters, from `first` on.
  static constexpr Table values_from(int first) {
    Table table{};
    for (int i = 0; i < 64; ++i) {
      const int value = Alphabet::value_of(first + i);
      table[static_cast<std::size_t>(i)] = value < 0 ? kInvalid : static_cast<std::uint8_t>(value);
    }
    return table;
  }
  static constexpr Table kLowValues = values_from(0), kHighValues = values_from(64);

  static uint8x16x4_t load(const Table& table) noexcept { return vld1q_u8_x4(table.data()); }

  static uint8x16x4_t to_characters(const std::uint8_t* bytes) noexcept {
    const uint8x16x3_t groups = vld3q_u8(bytes);
    const auto [a, b, c] = groups.val;
    const uint8x16_t six_bits = vdupq_n_u8(0x3f);
    const uint8x16_t values[] = {
        vshrq_n_u8(a, 2), vandq_u8(vsliq_n_u8(vshrq_n_u8(b, 4), a, 4), six_bits),
        vandq_u8(vsliq_n_u8(vshrq_n_u8(c, 6), b, 2), six_bits), vandq_u8(c, six_bits)};
    const uint8x16x4_t table = load(kCharacterOf);
    uint8x16x4_t characters;
    for (int i = 0; i < 4; ++i) characters.val[i] = vqtbl4q_u8(table, values[i]);
    return characters;
  }

  static void store(char* text, uint8x16x4_t characters) noexcept {
    vst4q_u8(reinterpret_cast<std::uint8_t*>(text), characters);
  }

  // A character that is in neither half of the table has its highest bit set itself.
  static uint8x16_t to_values(uint8x16_t characters, uint8x16_t& faults) noexcept {
    const uint8x16_t low = vqtbl4q_u8(load(kLowValues), characters);
    const uint8x16_t high = veorq_u8(characters, vdupq_n_u8(64));
    const uint8x16_t values = vqtbx4q_u8(low, load(kHighValues), high);
    faults = vorrq_u8(faults, vorrq_u8(values, characters));
    return values;
  }

  static void decode_block(const char* text, std::uint8_t* bytes, uint8x16_t& faults) noexcept {
    const uint8x16x4_t characters = vld4q_u8(reinterpret_cast<const std::uint8_t*>(text));
    uint8x16_t values[4];
    for (int i = 0; i < 4; ++i) values[i] = to_values(characters.val[i], faults);
    const auto& [a, b, c, d] = values;
    const uint8x16x3_t groups = {vsliq_n_u8(vshrq_n_u8(b, 4), a, 2),
                                 vsliq_n_u8(vshrq_n_u8(c, 2), b, 4), vsliq_n_u8(d, c, 6)};
    vst3q_u8(bytes, groups);
  }
};

}  // namespace sealring
