// SPDX-License-Identifier: Apache-2.0
// A key ring as text: a JWK Set (RFC 7517), as spec/keyring.md specifies it.
#pragma once

#include <vector>

#include "crypto/driver.h"
#include "keys/key.h"

namespace sealring {

inline constexpr std::size_t kMaxKeyringFileSize = 1 << 20;

// Problems name the key ("key 2: ...") but no file, which is the caller's to add.
Explained<std::vector<Key>> parse_jwk_set(Driver& driver, std::string_view text);

SecretString format_jwk_set(std::span<const Key> keys);

// The same checks for a key that comes from elsewhere. Gives a modern key its kid if it has none.
Explained<void> check_key(Driver& driver, Key& key);

}  // namespace sealring
