// SPDX-License-Identifier: Apache-2.0
#include "base/plain_text.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include "base/neon_registers.h"
#endif

namespace sealring {
namespace {

#if defined(__x86_64__)

// In blocks of 32 bytes, of which there is at least one. The last overlaps the one before it.
__attribute__((target("avx2"))) const char* skip_plain_avx2(const char* at, const char* end) {
  for (const char* const last = end - 32;; at = std::min(at + 32, last)) {
    const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    // Those above 0x7f are negative.
    const __m256i control = _mm256_cmpgt_epi8(_mm256_set1_epi8(0x20), bytes);
    const __m256i special = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('"')),
                                            _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\\')));
    const int faults = _mm256_movemask_epi8(_mm256_or_si256(control, special));
    if (faults != 0) {
      at += std::countr_zero(static_cast<std::uint32_t>(faults));
      break;
    }
    if (at == last) {
      at = end;
      break;
    }
  }
  // The text may be secret, and what is left in registers ends up on stacks.
  _mm256_zeroall();
  return at;
}

const bool kBlocks = __builtin_cpu_supports("avx2");

#else

// Skips blocks of 32 bytes that are plain, by what the compiler has for vectors of 16 bytes.
const char* skip_blocks(const char* at, const char* end) {
  typedef std::int8_t Vector __attribute__((vector_size(16)));
  const auto faults_of = [](const char* bytes_at) {
    Vector bytes;
    std::memcpy(&bytes, bytes_at, sizeof bytes);
    return (bytes < 0x20) | (bytes == '"') | (bytes == '\\');
  };
  for (; end - at >= 32; at += 32) {
    const Vector faults = faults_of(at) | faults_of(at + 16);
    std::uint64_t halves[2];
    std::memcpy(halves, &faults, sizeof halves);
    if ((halves[0] | halves[1]) != 0) break;
  }
#if defined(__aarch64__)
  forget_registers();
#endif
  return at;
}

#endif

// Eight bytes as a number, of which the first is the lowest.
std::uint64_t eight_at(const char* at) {
  std::uint64_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return std::endian::native == std::endian::little ? bytes : __builtin_bswap64(bytes);
}

// The highest bits of those of eight bytes that are not plain. It is right of the first one; above
// it, others may be set.
std::uint64_t not_plain(std::uint64_t bytes) {
  constexpr auto kEach = [](std::uint64_t byte) { return byte * 0x0101010101010101; };
  const auto has_zero = [kEach](std::uint64_t x) { return (x - kEach(1)) & ~x; };
  const std::uint64_t control = (bytes - kEach(0x20)) & ~bytes;
  const std::uint64_t special = has_zero(bytes ^ kEach('"')) | has_zero(bytes ^ kEach('\\'));
  return (bytes | control | special) & kEach(0x80);
}

}  // namespace

const char* skip_plain(const char* at, const char* end) noexcept {
#if defined(__x86_64__)
  if (kBlocks && end - at >= 32) return skip_plain_avx2(at, end);
#else
  at = skip_blocks(at, end);
#endif
  for (; end - at >= 8; at += 8) {
    const std::uint64_t found = not_plain(eight_at(at));
    if (found != 0) return at + std::countr_zero(found) / 8;
  }
  const auto is_plain = [](std::uint8_t c) {
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
  };
  while (at != end && is_plain(static_cast<std::uint8_t>(*at))) ++at;
  return at;
}

}  // namespace sealring
