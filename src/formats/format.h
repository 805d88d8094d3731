// SPDX-License-Identifier: Apache-2.0
// What a token format is. One that is made belongs to one sealer: it holds keyed crypto contexts.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/driver.h"
#include "crypto/random_pool.h"
#include "keys/key.h"

namespace sealring {

// A longer payload is refused before anything is done with it, and so is a token of more than twice
// as many bytes.
inline constexpr std::size_t kMaxPayloadSize = std::size_t{1} << 24;
inline constexpr std::size_t kMaxContextSize = 1024;

struct Times {
  std::uint64_t issued_at = 0;   // 0: the format does not say
  std::uint64_t expires_at = 0;  // 0: never
  std::uint64_t not_before = 0;  // 0: no other bound than issued_at
};

// A token taken apart, without a key.
struct Parsed {
  std::string_view kid;      // until the next one is parsed; empty where the format names no key
  Bytes bytes;               // the token in binary: in the caller's buffer, or the token itself
  std::size_t payload_size;  // at most: padding is not seen through
};

struct Opened {
  MutableBytes payload;  // within the caller's buffer
  Times times;
};

class Format {
 public:
  virtual ~Format() = default;

  virtual std::size_t sealed_size(std::size_t payload_size) const noexcept = 0;
  virtual std::size_t opened_size(std::size_t token_size) const noexcept = 0;

  // `token` holds sealed_size() bytes and does not overlap the payload. Returns the bytes written.
  virtual Result<std::size_t> seal(const Key& key, Times times, Bytes context, Bytes payload,
                                   MutableBytes token) noexcept = 0;

  // `buffer` holds opened_size() bytes and does not overlap the token.
  virtual Result<Parsed> parse(Bytes token, MutableBytes buffer) noexcept = 0;

  // Of the token that was parsed last, with the same buffer. Checks everything but the times. On
  // failure the buffer may hold plaintext: the caller wipes it.
  virtual Result<Opened> open(const Key& key, const Parsed& parsed, Bytes context,
                              MutableBytes buffer) noexcept = 0;

  // Drops everything that depends on keys or randomness: the ring changed, or the process forked.
  virtual void forget() noexcept = 0;
};

struct FormatRow {
  std::string_view name;
  FormatId id;
  bool names_key;    // whether its tokens name their key, and can be told by their looks
  bool holds_times;  // whether its tokens say when they expire
  // Whether a token has its looks. Says nothing about whether it is well-formed.
  bool (*recognises)(Bytes token) noexcept;
  Result<std::unique_ptr<Format>> (*make)(Driver& driver, RandomPool& pool) noexcept;
};

// In the order in which they are to be recognised, the one that looks like noise last.
extern const FormatRow kS1;
extern const FormatRow kJwe;
extern const FormatRow kApacheLegacy;
extern const FormatRow kNginxLegacy;
std::span<const FormatRow* const> formats() noexcept;

}  // namespace sealring
