// SPDX-License-Identifier: Apache-2.0
// A token format: a row of functions that need no key, and a Format, which holds the crypto
// contexts for keys and belongs to one sealer.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/driver.h"
#include "crypto/random_pool.h"
#include "keys/key.h"

namespace sealring {

// A longer payload is refused before it is processed, and so is a token of more than twice as many
// bytes.
inline constexpr std::size_t kMaxPayloadSize = std::size_t{1} << 24;
inline constexpr std::size_t kMaxContextSize = 1024;
inline constexpr std::size_t kMaxIdSize = 128;

struct Times {
  std::uint64_t issued_at = 0;   // 0: the format has none
  std::uint64_t expires_at = 0;  // 0: never
  std::uint64_t not_before = 0;  // 0: the only bound is issued_at
};

// Whether a token opens only in the context for which it was sealed. One of an old format opens in
// any.
constexpr bool binds_context(FormatId format) {
  return format == FormatId::s1 || format == FormatId::jwe;
}

// Why a token does not open.
struct Refused {
  Refused(Error why, const char* more = nullptr) noexcept : reason(why), detail(more) {}

  Error reason;
  const char* detail;  // a fixed phrase without any part of the token; null: nothing to add
};

template <class T>
using Checked = std::expected<T, Refused>;

inline std::unexpected<Refused> refused(Error reason, const char* detail = nullptr) {
  return std::unexpected(Refused(reason, detail));
}

// A token split into its parts without a key. Its views point into the token, or into the buffer
// that was passed to parse().
struct Parsed {
  std::string_view kid;      // empty: it names no key
  std::string_view id;       // empty: it has none that can be read without a key
  std::string_view header;   // of a JWE, as received
  Bytes bytes;               // the token in binary
  std::size_t payload_size;  // at most; the padding is encrypted
};

struct Opened {
  MutableBytes payload;  // within the caller's buffer
  Times times;
  std::string_view id;  // at most kMaxIdSize characters, within the token or the buffer
};

struct Sealed {
  std::size_t size;
  std::uint64_t expires_at;  // as in the token; 0: it does not expire
  std::string_view id;       // within the token
};

// A format with its state for the ring's keys. The first use of a key, or of a place in a cache,
// may allocate and fail with out_of_memory; later uses do not allocate.
class Format {
 public:
  virtual ~Format() = default;

  // `token` holds FormatRow::sealed_size() bytes and does not overlap the payload.
  virtual Checked<Sealed> seal(const Key& key, Times times, Bytes context, Bytes payload,
                               MutableBytes token) noexcept = 0;

  // Opens the result of FormatRow::parse(), with the same buffer. Checks everything except the
  // times. On failure the buffer may contain plaintext: the caller wipes it.
  virtual Checked<Opened> open(const Key& key, const Parsed& parsed, Bytes context,
                               MutableBytes buffer) noexcept = 0;

  // Drops everything that depends on keys or randomness, because the process forked.
  virtual void forget() noexcept = 0;
};

struct FormatRow {
  std::string_view name;
  FormatId id;
  bool is_text;    // whether its tokens are of printable characters
  bool names_key;  // whether its tokens name their key and can be recognised

  // Whether a token looks like this format. It may still be malformed.
  bool (*recognises)(Bytes token) noexcept;

  std::size_t (*sealed_size)(std::size_t payload_size) noexcept;
  std::size_t (*opened_size)(std::size_t token_size) noexcept;

  // Succeeds only with a token that the format recognises. `buffer` holds opened_size() bytes and
  // does not overlap the token.
  Checked<Parsed> (*parse)(Bytes token, MutableBytes buffer) noexcept;

  // What of an input is the token: spaces and tabs after a text are not part of it. A Cookie
  // header may have them before the ";", and servers leave them in the value.
  Bytes token_in(Bytes input) const noexcept {
    if (!is_text) return input;
    while (!input.empty() && (input.back() == ' ' || input.back() == '\t')) {
      input = input.first(input.size() - 1);
    }
    return input;
  }

  // Fails if the driver lacks something that the format needs.
  Result<std::unique_ptr<Format>> (*make)(Driver& driver, RandomPool& pool) noexcept;
};

// In the order in which they are recognised; the one that looks like random bytes is last.
extern const FormatRow kS1;
extern const FormatRow kJwe;
extern const FormatRow kApacheLegacy;
extern const FormatRow kNginxLegacy;
std::span<const FormatRow* const> formats() noexcept;

}  // namespace sealring
