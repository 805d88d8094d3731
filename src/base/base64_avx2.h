// SPDX-License-Identifier: Apache-2.0
// Base64 in blocks of 24 bytes and 32 characters, on x86-64 processors with AVX2, after "Faster
// Base64 Encoding and Decoding Using AVX2 Instructions" (Muła and Lemire, 2018). Here all tables
// are computed from the alphabet. Base64Plain encodes the rest of a text and decodes short ones,
// and tests compare the two. No branch and no address depends on the data.
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace sealring {

#define SEALRING_AVX2 __attribute__((target("avx2")))

template <class Alphabet>
class Base64Avx2 {
 public:
  static bool is_supported() noexcept { return __builtin_cpu_supports("avx2"); }

  // One block.
  static constexpr std::size_t kBytes = 24;
  static constexpr std::size_t kCharacters = 32;

  // If there is at least one block: encodes all whole groups of three bytes and returns how many
  // they are; otherwise returns 0. The bytes may be at the end of the text: writing does not
  // overtake reading. Only the last block overlaps the one before it, so it is read first.
  SEALRING_AVX2 static std::size_t encode(Bytes bytes, char* text) noexcept {
    const std::size_t groups = bytes.size() / 3;
    if (groups < kBytes / 3) return 0;
    const std::size_t last_offset = groups * 3 - kBytes;
    char* const last_text = text + groups * 4 - kCharacters;
    const __m256i last = to_characters(split(bytes.data() + last_offset));
    for (std::size_t offset = 0; offset < last_offset; offset += kBytes, text += kCharacters) {
      store(text, to_characters(split(bytes.data() + offset)));
    }
    store(last_text, last);
    return groups;
  }

  // The shortest text to decode: half a block.
  static constexpr std::size_t kLeastText = kCharacters / 2;

  // Decodes a text of a possible size. False if it has a character that is not in the alphabet, or
  // unused bits that are not zero. The last block is decoded first. It overlaps the one before it;
  // of a text that is shorter than a block, its halves overlap.
  SEALRING_AVX2 static bool decode(std::string_view text, std::uint8_t* bytes) noexcept {
    const std::size_t missing = -text.size() % 4;  // in the last group
    const std::size_t whole = text.size() + missing;
    const std::size_t last_offset = std::max(whole, kCharacters) - kCharacters;
    __m256i faults = _mm256_setzero_si256();
    const __m256i last = joined(
        _mm256_set_m128i(load_end(text, missing), load_half(text.data() + last_offset)), faults);
    store_half(bytes + last_offset / 4 * 3, _mm256_castsi256_si128(last));
    const std::uint32_t unused =
        store_end(bytes + whole / 4 * 3, missing, _mm256_extracti128_si256(last, 1));
    for (std::size_t offset = 0; offset < last_offset; offset += kCharacters, bytes += kBytes) {
      const __m256i block = joined(load(text.data() + offset), faults);
      store_half(bytes, _mm256_castsi256_si128(block));
      store_half(bytes + kBytes / 2, _mm256_extracti128_si256(block, 1));
    }
    const bool valid = _mm256_testz_si256(faults, faults) != 0 && unused == 0;
    // The data may be secret, and what is left in registers ends up on stacks.
    _mm256_zeroall();
    return valid;
  }

 private:
  using Table = std::array<std::uint8_t, 16>;

  static constexpr std::uint8_t byte(int number) { return static_cast<std::uint8_t>(number); }

  // What to add to a value to get its character.
  static constexpr Table kDistances = [] {
    Table table{};
    const auto distance = [](int value) {
      return byte(Alphabet::kCharacters[static_cast<std::size_t>(value)] - value);
    };
    table[13] = distance(0);
    table[0] = distance(26);
    for (int value = 52; value < 64; ++value) {
      table[static_cast<std::size_t>(value - 51)] = distance(value);
    }
    return table;
  }();

  // The high and the low half of a character's byte are its row and column in a table of 16 by 16.
  // The alphabet occupies six rows, starting at kFirstRow. Each of these has a bit here; all others
  // have kNoRow.
  static constexpr int kFirstRow = 2, kRows = 6;
  static constexpr std::uint8_t kNoRow = 1 << kRows;

  static constexpr Table kRowBits = [] {
    Table table{};
    table.fill(kNoRow);
    for (int row = 0; row < kRows; ++row) {
      table[kFirstRow + static_cast<std::size_t>(row)] = byte(1 << row);
    }
    return table;
  }();

  // For each column: the rows in which its character is not in the alphabet.
  static constexpr Table kStrangers = [] {
    Table table{};
    table.fill(kNoRow);
    for (int row = 0; row < kRows; ++row) {
      for (int column = 0; column < 16; ++column) {
        if (Alphabet::value_of((kFirstRow + row) * 16 + column) >= 0) continue;
        std::uint8_t& rows = table[static_cast<std::size_t>(column)];
        rows = byte(rows | 1 << row);
      }
    }
    return table;
  }();

  // The last character shares a row with others, but has another distance to its value.
  static constexpr char kLast = Alphabet::kCharacters[63];

  // What to add to a character to get its value: the same for the whole row, except for kLast, for
  // which it is in the first entry, that of a row without characters.
  static constexpr Table kRowDistances = [] {
    Table table{};
    for (int character = 0; character < 128; ++character) {
      const int value = Alphabet::value_of(character);
      if (value < 0) continue;
      const int row = character == kLast ? 0 : character / 16;
      table[static_cast<std::size_t>(row)] = byte(value - character);
    }
    return table;
  }();
  static_assert(kFirstRow > 0);

  SEALRING_AVX2 static __m256i to_characters(__m256i values) noexcept {
    // The entry of kDistances for each value: 13 for 0 to 25, 0 for 26 to 51, then 1 to 12.
    const __m256i not_upper = _mm256_cmpgt_epi8(values, _mm256_set1_epi8(25));
    const __m256i entry = _mm256_or_si256(_mm256_subs_epu8(values, _mm256_set1_epi8(51)),
                                          _mm256_andnot_si256(not_upper, _mm256_set1_epi8(13)));
    return _mm256_add_epi8(values, _mm256_shuffle_epi8(both_halves(kDistances), entry));
  }

  // Sets a bit of `faults` for each character that is not in the alphabet.
  SEALRING_AVX2 static __m256i to_values(__m256i characters, __m256i& faults) noexcept {
    const __m256i nibble = _mm256_set1_epi8(0x0f);
    const __m256i row = _mm256_and_si256(_mm256_srli_epi32(characters, 4), nibble);
    const __m256i column = _mm256_and_si256(characters, nibble);
    const __m256i fault = _mm256_and_si256(_mm256_shuffle_epi8(both_halves(kRowBits), row),
                                           _mm256_shuffle_epi8(both_halves(kStrangers), column));
    faults = _mm256_or_si256(faults, fault);
    const __m256i is_last = _mm256_cmpeq_epi8(characters, _mm256_set1_epi8(kLast));
    const __m256i distance =
        _mm256_shuffle_epi8(both_halves(kRowDistances), _mm256_andnot_si256(is_last, row));
    return _mm256_add_epi8(characters, distance);
  }

  // The 6-bit values of a block, one per byte.
  SEALRING_AVX2 static __m256i split(const std::uint8_t* bytes) noexcept {
    // Loads the first and the last 16 bytes; of each, 12 are used. A group of three bytes a, b, c
    // becomes b, a, c, b: two 16-bit numbers with the values at fixed places, from where
    // multiplications shift them.
    const __m256i groups = _mm256_shuffle_epi8(
        _mm256_set_m128i(load_half(bytes + kBytes - 16), load_half(bytes)),
        _mm256_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10,  //
                         5, 4, 6, 5, 8, 7, 9, 8, 11, 10, 12, 11, 14, 13, 15, 14));
    const __m256i even = _mm256_mulhi_epu16(_mm256_and_si256(groups, _mm256_set1_epi32(0x0fc0fc00)),
                                            _mm256_set1_epi32(0x04000040));
    const __m256i odd = _mm256_mullo_epi16(_mm256_and_si256(groups, _mm256_set1_epi32(0x003f03f0)),
                                           _mm256_set1_epi32(0x01000010));
    return _mm256_or_si256(even, odd);
  }

  // The bytes of a block: 12 in each half.
  SEALRING_AVX2 static __m256i joined(__m256i characters, __m256i& faults) noexcept {
    const __m256i pairs =
        _mm256_maddubs_epi16(to_values(characters, faults), _mm256_set1_epi32(0x01400140));
    const __m256i groups = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    return _mm256_shuffle_epi8(
        groups, both_halves({2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 0xff, 0xff, 0xff, 0xff}));
  }

  SEALRING_AVX2 static void store_half(std::uint8_t* bytes, __m128i half) noexcept {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(bytes), half);
    const int rest = _mm_extract_epi32(half, 2);
    std::memcpy(bytes + 8, &rest, 4);
  }

  // The last half of a block, with characters for zero where the last group lacks some.
  SEALRING_AVX2 static __m128i load_end(std::string_view text, std::size_t missing) noexcept {
    constexpr std::uint8_t kNone = 0x80;
    static constexpr std::uint8_t kPlaces[] = {0, 1,  2,  3,  4,  5,  6,  7,     8,
                                               9, 10, 11, 12, 13, 14, 15, kNone, kNone};
    const __m128i places = load_half(kPlaces + missing);
    const __m128i characters = load_half(text.data() + text.size() - kCharacters / 2);
    return _mm_blendv_epi8(_mm_shuffle_epi8(characters, places),
                           _mm_set1_epi8(Alphabet::kCharacters[0]), places);
  }

  // Writes a half that ends at `end`, but not the bytes that the last group lacks. Returns those:
  // the unused bits of the last character.
  SEALRING_AVX2 static std::uint32_t store_end(std::uint8_t* end, std::size_t missing,
                                               __m128i half) noexcept {
    _mm_storel_epi64(reinterpret_cast<__m128i*>(end - 12), half);
    auto rest = static_cast<std::uint32_t>(_mm_extract_epi32(half, 2));
    std::memcpy(end - 4, &rest, 2);
    rest >>= 8 * (2 - missing);
    std::memcpy(end - 2 - missing, &rest, 2);
    return rest >> 16;
  }

  SEALRING_AVX2 static __m256i load(const char* text) noexcept {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
  }
  SEALRING_AVX2 static void store(char* text, __m256i characters) noexcept {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(text), characters);
  }
  SEALRING_AVX2 static __m128i load_half(const void* bytes) noexcept {
    return _mm_loadu_si128(static_cast<const __m128i*>(bytes));
  }
  SEALRING_AVX2 static __m256i both_halves(const Table& table) noexcept {
    return _mm256_broadcastsi128_si256(load_half(table.data()));
  }
};

#undef SEALRING_AVX2

}  // namespace sealring
