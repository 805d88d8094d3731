// SPDX-License-Identifier: Apache-2.0
// A key ring as text: a JWK Set (RFC 7517), as spec/keyring.md specifies it.
#pragma once

#include <vector>

#include "keys/jwk.h"

namespace sealring {

inline constexpr std::size_t kMaxKeyringFileSize = 1 << 20;

// A key of the set that is for other programs. It is ignored, and kept byte for byte.
struct ForeignJwk {
  std::size_t place;  // in the list, from 1
  std::string why;    // as `"kty" is "RSA"`
  SecretString text;
};

// Problems name the key ("key 2: ...") but no file, which is the caller's to add. What is ignored
// goes to `foreign`.
Explained<std::vector<Key>> parse_jwk_set(Driver& driver, std::string_view text,
                                          std::vector<ForeignJwk>* foreign = nullptr);

SecretString format_jwk_set(std::span<const Key> keys, std::span<const ForeignJwk> foreign = {});

// One JWK, which is a text of its own. `algorithm`, where it is given, is in the place of its
// "alg".
Explained<Key> parse_jwk(Driver& driver, std::string_view text, const AlgorithmRow* algorithm);

}  // namespace sealring
