// SPDX-License-Identifier: Apache-2.0
// The groups that a server's processes get when they become another user.
#pragma once

#include <sys/types.h>

#include <vector>

namespace sealring {

// All groups of the user, with `group` among them, as initgroups() sets them. A user who has no
// entry in the user database has `group` alone. Not thread-safe.
std::vector<gid_t> groups_of(uid_t user, gid_t group);

}  // namespace sealring
