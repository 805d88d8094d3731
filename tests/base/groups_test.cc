// SPDX-License-Identifier: Apache-2.0
#include "base/groups.h"

#include <grp.h>
#include <gtest/gtest.h>
#include <pwd.h>

#include <algorithm>
#include <string>

namespace sealring {
namespace {

// Compares with /etc/group of this machine. On Debian, PostgreSQL's package puts a user into
// another group.
TEST(Groups, AreThoseThatListTheUser) {
  std::vector<std::pair<std::string, gid_t>> memberships;
  while (const group* entry = getgrent()) {
    for (char** member = entry->gr_mem; *member != nullptr; ++member) {
      memberships.emplace_back(*member, entry->gr_gid);
    }
  }
  endgrent();
  if (memberships.empty()) GTEST_SKIP() << "no user of this machine is in another group";
  for (const auto& [name, group] : memberships) {
    const passwd* user = getpwnam(name.c_str());
    if (user == nullptr) continue;
    const auto groups = groups_of(user->pw_uid, 54'321);
    EXPECT_TRUE(std::ranges::find(groups, group) != groups.end()) << name << ' ' << group;
    EXPECT_TRUE(std::ranges::find(groups, gid_t{54'321}) != groups.end());
  }
}

TEST(Groups, AreOneForANumberWithoutAName) {
  EXPECT_EQ(groups_of(4'000'000'000, 54'321), std::vector<gid_t>{54'321});
}

}  // namespace
}  // namespace sealring
