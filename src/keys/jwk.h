// SPDX-License-Identifier: Apache-2.0
// A key as text: a JWK (RFC 7517), as spec/keyring.md specifies it. What is read is an object that
// a Scanner took whole.
#pragma once

#include "base/json.h"
#include "crypto/driver.h"
#include "keys/key.h"

namespace sealring {

std::optional<json::Value> find_member(const json::Value& object, std::string_view name);

// Refuses an object in which two members have one name, or a name or a text is not whole.
Explained<void> check_members(const json::Value& object);

// By which member a JWK is for other programs, as `"kty" is "RSA"`; empty if by none. Where an
// algorithm is given, "alg" does not matter. Fails if a member that decides is there twice.
Explained<std::string> why_foreign(const json::Value& jwk, const AlgorithmRow* algorithm);

// `algorithm`, where it is given, is in the place of "alg".
Explained<Key> read_jwk(Driver& driver, const json::Value& jwk, const AlgorithmRow* algorithm);

void write_jwk(const Key& key, SecretString& out);

// The same checks for a key that comes from elsewhere. Gives a modern key its kid if it has none.
Explained<void> check_key(Driver& driver, Key& key);

}  // namespace sealring
