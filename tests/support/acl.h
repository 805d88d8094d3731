// SPDX-License-Identifier: Apache-2.0
// POSIX ACLs as Linux keeps them in extended attributes.
#pragma once

#include <sys/xattr.h>

#include <cstdint>
#include <initializer_list>
#include <string>

namespace sealring {

enum class AclTag : std::uint16_t {
  user_obj = 1,
  user = 2,
  group_obj = 4,
  group = 8,
  mask = 16,
  other = 32
};

struct AclEntry {
  AclTag tag;
  std::uint16_t rights;
  std::uint32_t id = UINT32_MAX;
};

inline std::string acl_bytes(std::initializer_list<AclEntry> entries) {
  std::string bytes("\2\0\0\0", 4);
  const auto append = [&](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i);
  };
  for (const AclEntry& entry : entries) {
    append(static_cast<std::uint32_t>(entry.tag), 2);
    append(entry.rights, 2);
    append(entry.id, 4);
  }
  return bytes;
}

constexpr char kAccessAcl[] = "system.posix_acl_access", kDefaultAcl[] = "system.posix_acl_default";

// False if the file system has no ACLs, or the kernel refuses this one.
inline bool set_acl(const std::string& path, std::initializer_list<AclEntry> entries,
                    const char* kind = kAccessAcl) {
  const std::string bytes = acl_bytes(entries);
  return setxattr(path.c_str(), kind, bytes.data(), bytes.size(), 0) == 0;
}

// "" if there is none.
inline std::string acl_of(const std::string& path) {
  std::string bytes(65'536, '\0');
  const ssize_t size = getxattr(path.c_str(), kAccessAcl, bytes.data(), bytes.size());
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

}  // namespace sealring
