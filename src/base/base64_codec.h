// SPDX-License-Identifier: Apache-2.0
// The common part of base64.cc and base64url.cc: strict coding without padding, in blocks where the
// processor supports it. Their headers describe the behaviour.
#pragma once

#include "base/base64_alphabet.h"
#include "base/base64_plain.h"
#include "base/error.h"

#if defined(__x86_64__)
#include "base/base64_avx2.h"
#elif defined(__aarch64__)
#include "base/base64_neon.h"
#endif

namespace sealring {

#if defined(__x86_64__)
template <class Alphabet>
using Base64Blocks = Base64Avx2<Alphabet>;
#elif defined(__aarch64__)
template <class Alphabet>
using Base64Blocks = Base64Neon<Alphabet>;
#else
// For other processors there are none.
template <class Alphabet>
struct Base64Blocks {
  static constexpr bool is_supported() noexcept { return false; }
  static constexpr std::size_t kLeastText = SIZE_MAX;
  static std::size_t encode(Bytes, char*) noexcept { return 0; }
  static bool decode(std::string_view, std::uint8_t*) noexcept { return false; }
};
#endif

template <char kCharacter62, char kCharacter63>
class Base64Codec {
  using Alphabet = Base64Alphabet<kCharacter62, kCharacter63>;
  using Plain = Base64Plain<Alphabet>;
  using Blocks = Base64Blocks<Alphabet>;

 public:
  static std::size_t encode(Bytes bytes, char* text) noexcept {
    const std::size_t groups = kBlocks ? Blocks::encode(bytes, text) : 0;
    const std::size_t encoded = groups * 4;
    if (groups * 3 == bytes.size()) return encoded;
    return encoded + Plain::encode(bytes.subspan(groups * 3), text + encoded);
  }

  static Result<std::size_t> decode(std::string_view text, MutableBytes bytes) noexcept {
    const std::size_t size = text.size() - (text.size() + 3) / 4;
    if (text.size() % 4 == 1 || bytes.size() < size) return std::unexpected(Error::malformed);
    const bool valid = kBlocks && text.size() >= Blocks::kLeastText
                           ? Blocks::decode(text, bytes.data())
                           : Plain::decode(text, bytes.data());
    if (!valid) return std::unexpected(Error::malformed);
    return size;
  }

 private:
  static inline const bool kBlocks = Blocks::is_supported();
};

}  // namespace sealring
