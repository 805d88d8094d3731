// SPDX-License-Identifier: Apache-2.0
#include "base/groups.h"

#include <grp.h>
#include <pwd.h>

namespace sealring {

std::vector<gid_t> groups_of(uid_t user, gid_t group) {
  const passwd* entry = getpwuid(user);
  if (entry == nullptr) return {group};
  int count = 16;
  std::vector<gid_t> groups;
  do {
    groups.resize(static_cast<std::size_t>(count));
  } while (getgrouplist(entry->pw_name, group, groups.data(), &count) < 0);
  groups.resize(static_cast<std::size_t>(count));
  return groups;
}

}  // namespace sealring
