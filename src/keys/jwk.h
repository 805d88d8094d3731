// SPDX-License-Identifier: Apache-2.0
// A key as text: a JWK (RFC 7517), as spec/keyring.md specifies it. Readers get an object that a
// Scanner took as a whole.
#pragma once

#include "base/json.h"
#include "crypto/driver.h"
#include "keys/key.h"

namespace sealring {

std::optional<json::Value> find_member(const json::Value& object, std::string_view name);

// Refuses an object if two members have the same name, or if a name or a string is not whole.
Explained<void> check_members(const json::Value& object);

// The member that marks a JWK as one for other programs, for example `"kty" is "RSA"`; empty if
// there is none. If `algorithm` is given, "alg" does not matter. Fails if a member that decides is
// there twice.
Explained<std::string> why_foreign(const json::Value& jwk, const AlgorithmRow* algorithm);

// If `algorithm` is given, it is used instead of "alg".
Explained<Key> read_jwk(Driver& driver, const json::Value& jwk, const AlgorithmRow* algorithm);

void write_jwk(const Key& key, SecretString& out);

// The same checks for a key from another source. Gives a modern key its kid if it has none.
Explained<void> check_key(Driver& driver, Key& key);

}  // namespace sealring
