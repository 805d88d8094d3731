// SPDX-License-Identifier: Apache-2.0
// Reading a key ring file: who may, and what of it is trusted.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "crypto/driver.h"
#include "keys/jwk_set.h"

namespace sealring {

struct KeyringFile {
  std::vector<Key> keys;
  std::vector<ForeignJwk> foreign;
  struct stat stat;
};

// Whose file is trusted: its owner can change it at any time.
enum class Owner {
  root_or_reader,
  any_if_root_reads,  // for administration: root lists and rotates the rings of other users
};

// Refuses a file that is missing, not a regular file, or too large; one that others may read or
// change, which includes a stranger who owns it; and one that is not a valid key ring. An empty
// "keys" list passes: Keyring::make refuses it.
Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path,
                                         Owner owner = Owner::root_or_reader);

// The same for a file that is open already, from its beginning.
Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path, int descriptor,
                                         Owner owner = Owner::root_or_reader);

// Whether a process of this user and these groups could load the file: the owner of the file, and
// the mode and ACL of the file and of each folder above.
Explained<void> check_readable_by(const std::string& path, uid_t user, gid_t group,
                                  std::span<const gid_t> groups);

}  // namespace sealring
