// SPDX-License-Identifier: Apache-2.0
#include "base/permissions.h"

#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>

namespace sealring {
namespace {

constexpr char kAttribute[] = "system.posix_acl_access";
constexpr std::size_t kHeaderSize = 4, kEntrySize = 8, kMaxSize = 65'536;  // Linux's XATTR_SIZE_MAX

enum Tag : std::uint32_t {
  user_obj = 1,
  user = 2,
  group_obj = 4,
  group = 8,
  mask = 16,
  other = 32
};

struct Entry {
  std::uint32_t tag, rights, id;
};

std::uint32_t little_endian(Bytes bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | bytes[i - 1];
  return value;
}

// The file has no such attribute, which means that it has no ACL.
bool is_absent(int code) {
  return code == ENODATA || code == ENOTSUP;
}

bool is_member(const Process& process, gid_t group) {
  return process.group == group || std::ranges::find(process.groups, group) != process.groups.end();
}

bool mode_grants(const Process& process, mode_t right, const struct stat& stat) {
  if (stat.st_uid == process.user) return (stat.st_mode & (right << 6)) != 0;
  return (stat.st_mode & (is_member(process, stat.st_gid) ? right << 3 : right)) != 0;
}

// The first kind of entry that names the process decides; of several groups, any that grants.
bool acl_grants(const Process& process, mode_t right, const struct stat& stat, Bytes acl) {
  if (acl.size() < kHeaderSize || little_endian(acl.first(kHeaderSize)) != 2) return false;
  std::uint32_t bound = 7;
  std::optional<std::uint32_t> owner, named, others;
  bool in_group = false, by_group = false;
  for (Bytes rest = acl.subspan(kHeaderSize); rest.size() >= kEntrySize;
       rest = rest.subspan(kEntrySize)) {
    const Entry entry{little_endian(rest.first(2)), little_endian(rest.subspan(2, 2)),
                      little_endian(rest.subspan(4, 4))};
    if (entry.tag == Tag::user_obj && stat.st_uid == process.user) owner = entry.rights;
    if (entry.tag == Tag::user && entry.id == process.user) named = entry.rights;
    if (entry.tag == Tag::mask) bound = entry.rights;
    if (entry.tag == Tag::other) others = entry.rights;
    if ((entry.tag == Tag::group_obj && is_member(process, stat.st_gid)) ||
        (entry.tag == Tag::group && is_member(process, entry.id))) {
      in_group = true;
      by_group = by_group || (entry.rights & right) != 0;
    }
  }
  if (owner) return (*owner & right) != 0;
  if (named) return (*named & bound & right) != 0;
  if (in_group) return by_group && (bound & right) != 0;
  return others && (*others & right) != 0;
}

}  // namespace

bool may(const Process& process, mode_t right, const struct stat& stat, Bytes acl) {
  if (process.user == 0) return true;
  // Linux ignores an ACL if its mask, which appears as the group's bits, grants nothing.
  const bool counts = !acl.empty() && (stat.st_mode & S_IRWXG) != 0;
  return counts ? acl_grants(process, right, stat, acl) : mode_grants(process, right, stat);
}

std::optional<Permissions> permissions_of(const std::string& path) {
  Permissions found{};
  if (::stat(path.c_str(), &found.stat) != 0) return std::nullopt;
  found.acl.resize(kMaxSize);
  const ssize_t size = getxattr(path.c_str(), kAttribute, found.acl.data(), found.acl.size());
  if (size < 0 && !is_absent(errno)) return std::nullopt;
  found.acl.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return found;
}

bool copy_acl(int from, int to) {
  std::string acl(kMaxSize, '\0');
  const ssize_t size = fgetxattr(from, kAttribute, acl.data(), acl.size());
  if (size >= 0)
    return fsetxattr(to, kAttribute, acl.data(), static_cast<std::size_t>(size), 0) == 0;
  if (!is_absent(errno)) return false;
  // The new file may have inherited an ACL from its folder's default ACL.
  return fremovexattr(to, kAttribute) == 0 || is_absent(errno);
}

}  // namespace sealring
