// SPDX-License-Identifier: Apache-2.0
// A key ring as text: a JWK Set (RFC 7517), as spec/keyring.md specifies it.
#pragma once

#include <vector>

#include "keys/jwk.h"

namespace sealring {

inline constexpr std::size_t kMaxKeyringFileSize = 1 << 20;

// A key of the set that is for other programs. It is ignored, and preserved byte for byte.
struct ForeignJwk {
  std::size_t place;  // in the list, counted from 1
  std::string why;    // for example `"kty" is "RSA"`
  SecretString text;
};

// A problem names the key ("key 2: ...") but not the file, which the caller adds. Ignored keys go
// to `foreign`.
Explained<std::vector<Key>> parse_jwk_set(Driver& driver, std::string_view text,
                                          std::vector<ForeignJwk>* foreign = nullptr);

SecretString format_jwk_set(std::span<const Key> keys, std::span<const ForeignJwk> foreign = {});

// One JWK that is a text of its own. If `algorithm` is given, it is used instead of "alg".
Explained<Key> parse_jwk(Driver& driver, std::string_view text, const AlgorithmRow* algorithm);

}  // namespace sealring
