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

// Refuses a file that is missing, no regular file, too large, that others may touch or the group
// may write, and one that is no valid key ring. An empty "keys" list passes: Keyring::make refuses
// it.
Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path);

// The same of a file that is open already, from its beginning.
Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path, int descriptor);

// Whether a process with these rights could read the file: its mode, and that of each folder above.
Explained<void> check_readable_by(const std::string& path, uid_t user, gid_t group,
                                  std::span<const gid_t> groups);

}  // namespace sealring
