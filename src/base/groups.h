// SPDX-License-Identifier: Apache-2.0
// The groups of a server's processes after they have switched to another user.
#pragma once

#include <sys/types.h>

#include <vector>

namespace sealring {

// All groups of the user, including `group`, as initgroups() sets them. A user without an entry in
// the user database has only `group`. Not thread-safe.
std::vector<gid_t> groups_of(uid_t user, gid_t group);

}  // namespace sealring
