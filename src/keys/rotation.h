// SPDX-License-Identifier: Apache-2.0
// How the keys of a ring change over time. spec/keyring.md defines the times.
#pragma once

#include <vector>

#include "crypto/driver.h"
#include "keys/key.h"

namespace sealring {

// A new random key for a modern algorithm.
Explained<Key> generate_key(Driver& driver, Algorithm algorithm, std::int64_t seal_from);

// A random kid, for a key whose kid is not derived from its secret.
Explained<std::string> generate_kid(Driver& driver);

struct Rotation {
  std::int64_t now;
  std::int64_t activate_in;   // seconds until the new key seals: time to publish the file
  std::int64_t max_lifetime;  // seconds: of the longest-lived token in use
};

// Adds a generated key that seals from now + activate_in. It has the primary key's algorithm or, if
// that is an old one, XAES-256-GCM. The other keys that seal stop opening max_lifetime after that
// moment, unless they stop earlier. Those that would begin to seal after the new key are withdrawn:
// they only open. Returns the new key's kid.
Explained<std::string> rotate(Driver& driver, std::vector<Key>& keys, const Rotation& rotation);

// Removes the keys that no longer open and returns how many. Refuses to remove the last key that
// seals.
Explained<std::size_t> prune(std::vector<Key>& keys, std::int64_t now);

}  // namespace sealring
