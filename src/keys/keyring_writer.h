// SPDX-License-Identifier: Apache-2.0
// Changing a key ring file: completely or not at all, one writer at a time.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "crypto/driver.h"
#include "keys/key.h"

namespace sealring {

// Creates the file, mode 0640 less the umask. write_failed if there is one already.
Explained<void> create_keyring_file(const std::string& path, std::span<const Key> keys);

// Reads the file, lets `change` alter the keys, and replaces it. Foreign keys, mode, ACL, owner and
// group are preserved. If a change fails, the file stays as it was. If `path` is a symbolic link,
// its target is replaced.
Explained<void> update_keyring_file(
    Driver& driver, const std::string& path,
    const std::function<Explained<void>(std::vector<Key>&)>& change);

}  // namespace sealring
