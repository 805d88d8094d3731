// SPDX-License-Identifier: Apache-2.0
// An operator's changes to a key ring file. Each replaces the file as a whole or leaves it as it
// was.
#pragma once

#include <string>

#include "keys/rotation.h"

namespace sealring {

// A new key for the algorithm, for a ring that has no keys yet.
Explained<Key> first_key(Driver& driver, std::string_view algorithm, std::int64_t seal_from);

// All return the kid of the new key.
Explained<std::string> init_keyring_file(Driver& driver, const std::string& path,
                                         std::string_view algorithm, std::int64_t seal_from);
// The key takes over only from keys with an earlier seal_from.
Explained<std::string> add_to_keyring_file(Driver& driver, const std::string& path, Key key);
Explained<std::string> rotate_keyring_file(Driver& driver, const std::string& path,
                                           const Rotation& rotation);

// Returns the number of keys removed.
Explained<std::size_t> prune_keyring_file(Driver& driver, const std::string& path,
                                          std::int64_t now);

}  // namespace sealring
