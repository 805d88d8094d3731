// SPDX-License-Identifier: Apache-2.0
// Reading a key ring file, and deciding whether it can be trusted.
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

// Which owners are trusted: a file's owner can change it at any time.
enum class Owner {
  root_or_reader,
  any_if_root_reads,  // for administration: root lists and rotates other users' rings
};

// Refuses a file that is missing, not a regular file, or too large; one that others may read or
// change, which includes one that a stranger owns; and one that is not a valid key ring. An empty
// "keys" list is accepted here: Keyring::make refuses it.
Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path,
                                         Owner owner = Owner::root_or_reader);

// The same for a file that is already open. Reads from its beginning.
Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path, int descriptor,
                                         Owner owner = Owner::root_or_reader);

// The text of a ring's file and what it is, if it can be trusted as above. It may be no ring.
struct KeyringText {
  SecretBytes text;
  struct stat stat;
};
Explained<KeyringText> read_keyring_text(const std::string& path, int descriptor,
                                         Owner owner = Owner::root_or_reader);

// Whether a process with this user and these groups could load the file. Checks the owner of the
// file, and the mode and ACL of the file and of each folder above it.
Explained<void> check_readable_by(const std::string& path, uid_t user, gid_t group,
                                  std::span<const gid_t> groups);

}  // namespace sealring
