// SPDX-License-Identifier: Apache-2.0
// The common part of base64.cc and base64url.cc: strict coding without padding, in blocks where the
// processor supports it. Their headers describe the behaviour.
#pragma once

#include "base/base64_alphabet.h"
#include "base/base64_plain.h"

#if defined(__x86_64__)
#include "base/base64_avx2.h"
#endif

namespace sealring {

template <char kCharacter62, char kCharacter63>
class Base64Codec {
  using Alphabet = Base64Alphabet<kCharacter62, kCharacter63>;
  using Plain = Base64Plain<Alphabet>;

 public:
  static bool is_character(std::uint8_t c) noexcept { return Plain::is_character(c); }

#if defined(__x86_64__)
  static std::size_t encode(Bytes bytes, char* text) noexcept {
    const std::size_t done = kBlocks ? Blocks::encode(bytes, text) : 0;
    const std::size_t encoded = done / 3 * 4;
    return encoded + Plain::encode(bytes.subspan(done), text + encoded);
  }

  static Result<std::size_t> decode(std::string_view text, MutableBytes bytes) noexcept {
    if (bytes.size() < text.size() / 4 * 3) return std::unexpected(Error::malformed);
    bool valid = true;
    const std::size_t done = kBlocks ? Blocks::decode(text, bytes.data(), valid) : 0;
    const std::size_t decoded = done / 4 * 3;
    const auto rest = Plain::decode(text.substr(done), bytes.subspan(decoded));
    if (!valid || !rest) return std::unexpected(Error::malformed);
    return decoded + *rest;
  }

 private:
  using Blocks = Base64Avx2<Alphabet>;
  static inline const bool kBlocks = Blocks::is_supported();
#else
  static std::size_t encode(Bytes bytes, char* text) noexcept { return Plain::encode(bytes, text); }

  static Result<std::size_t> decode(std::string_view text, MutableBytes bytes) noexcept {
    return Plain::decode(text, bytes);
  }
#endif
};

}  // namespace sealring
