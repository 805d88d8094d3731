// SPDX-License-Identifier: Apache-2.0
// Who may do what with a file: its mode, owner and group, and its POSIX ACL (acl(5)).
//
// The ACL is read and copied in the form in which Linux stores it, the extended attribute
// system.posix_acl_access: a version (2) in 4 bytes, then entries of 8 bytes: tag, permissions,
// user or group, little-endian. The layout is part of the kernel's interface, and reading it needs
// no library in the servers.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"

namespace sealring {

inline constexpr mode_t kRead = 4, kExecute = 1;

struct Process {
  uid_t user;
  gid_t group;
  std::span<const gid_t> groups;  // supplementary
};

// Decides as the kernel does. `acl` is the attribute's value, or empty if the file has none.
bool may(const Process& process, mode_t right, const struct stat& stat, Bytes acl);

struct Permissions {
  struct stat stat;
  std::string acl;  // "" if it has none
};

// For the file that `path` leads to. If there is no result, see errno.
std::optional<Permissions> permissions_of(const std::string& path);

// Gives the open file `to` the ACL of the open file `from`, or none if that has none. If false, see
// errno.
bool copy_acl(int from, int to);

}  // namespace sealring
