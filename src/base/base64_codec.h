// SPDX-License-Identifier: Apache-2.0
// The common part of base64.cc and base64url.cc: strict coding without padding, in blocks where the
// processor supports it. Their headers describe the behaviour.
#pragma once

#include "base/base64_alphabet.h"
#include "base/base64_plain.h"

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
  static constexpr std::size_t kCharacters = SIZE_MAX;
  static std::size_t encode(Bytes, char*) noexcept { return 0; }
  static std::size_t decode(std::string_view, std::uint8_t*, bool&) noexcept { return 0; }
};
#endif

template <char kCharacter62, char kCharacter63>
class Base64Codec {
  using Alphabet = Base64Alphabet<kCharacter62, kCharacter63>;
  using Plain = Base64Plain<Alphabet>;
  using Blocks = Base64Blocks<Alphabet>;

 public:
  static std::size_t encode(Bytes bytes, char* text) noexcept {
    const std::size_t done = kBlocks ? Blocks::encode(bytes, text) : 0;
    const std::size_t encoded = done / 3 * 4;
    return encoded + Plain::encode(bytes.subspan(done), text + encoded);
  }

  static Result<std::size_t> decode(std::string_view text, MutableBytes bytes) noexcept {
    if (!kBlocks || text.size() < Blocks::kCharacters) return Plain::decode(text, bytes);
    if (bytes.size() < text.size() / 4 * 3) return std::unexpected(Error::malformed);
    bool valid = true;
    const std::size_t done = Blocks::decode(text, bytes.data(), valid);
    const std::size_t decoded = done / 4 * 3;
    const auto rest = done == text.size()
                          ? Result<std::size_t>(0)
                          : Plain::decode(text.substr(done), bytes.subspan(decoded));
    if (!valid || !rest) return std::unexpected(Error::malformed);
    return decoded + *rest;
  }

 private:
  static inline const bool kBlocks = Blocks::is_supported();
};

}  // namespace sealring
