// SPDX-License-Identifier: Apache-2.0
// A JWS in compact serialisation (RFC 7515): JSON that is signed, in three parts.
#pragma once

#include "base/json.h"
#include "jws/public_key.h"

namespace sealring::jws {

// Its views are of the text and of the buffer.
struct Compact {
  std::optional<json::Value> typ{}, alg{}, kid{}, jwk{};  // the members of the header that are used
  bool has_crit = false;
  MutableBytes header, payload;  // JSON
  std::string_view signature;    // in base64url
  Bytes signed_text;
  MutableBytes room;  // for the signature
};

// Splits a text of at most `max_size` characters, and reads its header. `buffer` holds text.size()
// bytes.
Checked<Compact> read_compact(std::string_view text, std::size_t max_size,
                              MutableBytes buffer) noexcept;

bool is_string(const std::optional<json::Value>& value) noexcept;

// unsupported: it is signed in a way that is not accepted here, or not at all, or its header has a
// member that has to be understood.
Checked<Algorithm> algorithm_of(const Compact& parts) noexcept;

// Of a size that the algorithm allows; it is not verified.
Checked<Bytes> signature_of(const Compact& parts, Algorithm algorithm) noexcept;

}  // namespace sealring::jws
