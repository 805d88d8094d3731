// SPDX-License-Identifier: Apache-2.0
// What check_readable_by() of keys/keyring_file.h says about a user must be what happens to that
// user.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>

#include "keys/keyring_file.h"
#include "support/acl.h"
#include "support/forked.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

// The IDs of users and groups that need not exist.
constexpr uid_t kUser = 54'321;
constexpr gid_t kGroup = 54'322, kExtraGroup = 54'323;

class ReadableBy : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(folder_ / "conf");
    write_text(path_, "secret", 0640);
    set_modes(0755, 0640);
  }

  void set_modes(mode_t folder, mode_t file) {
    ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
    ASSERT_EQ(chmod((folder_ / "conf").c_str(), folder), 0);
    ASSERT_EQ(chmod(path_.c_str(), file), 0);
  }

  Explained<void> check(uid_t user, gid_t group) const {
    return check_readable_by(path_, user, group, std::span(&kExtraGroup, 1));
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "conf/ring.jwks";
};

TEST_F(ReadableBy, RootReadsAll) {
  set_modes(0, 0);
  EXPECT_TRUE(check(0, 0));
}

TEST_F(ReadableBy, TheOwnerNeedsTheOwnersRights) {
  EXPECT_TRUE(check_readable_by(path_, getuid(), kGroup, {}));
  if (getuid() == 0) GTEST_SKIP() << "root needs no rights";
  set_modes(0755, 0040);
  EXPECT_FALSE(check_readable_by(path_, getuid(), getgid(), {}));
}

TEST_F(ReadableBy, OthersAreToldWhatToRun) {
  const auto refused = check(kUser, kGroup);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::invalid_keyring);
  const std::string number = std::to_string(kGroup);
  EXPECT_NE(refused.error().message.find("chgrp " + number + ' ' + path_), std::string::npos)
      << refused.error().message;
}

TEST_F(ReadableBy, AClosedFolderIsNamed) {
  set_modes(0700, 0640);
  const auto refused = check(kUser, kGroup);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("cannot enter the folder " + (folder_ / "conf")),
            std::string::npos)
      << refused.error().message;
}

TEST_F(ReadableBy, AMissingFileIsNotReadable) {
  const auto refused = check_readable_by(folder_ / "missing", 0, 0, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::invalid_keyring);
}

// Whether that user can really open the file.
bool can_open(const std::string& path, uid_t user, gid_t group) {
  const SharedArray<bool> opened(1);
  Child([&] {
    if (setgroups(1, &kExtraGroup) != 0 || setgid(group) != 0 || setuid(user) != 0) ADD_FAILURE();
    opened.span()[0] = open(path.c_str(), O_RDONLY | O_CLOEXEC) >= 0;
  });
  return opened.span()[0];
}

TEST_F(ReadableBy, ForetellsWhatHappens) {
  if (getuid() != 0) GTEST_SKIP() << "only root can become another user";
  for (const uid_t owner : {uid_t{0}, kUser}) {
    for (const gid_t group : {gid_t{0}, kGroup, kExtraGroup}) {
      for (const mode_t folder_mode : {0755U, 0750U, 0710U, 0700U, 0705U, 0640U}) {
        for (const mode_t mode : {0640U, 0600U, 0040U, 0604U, 0440U, 0200U}) {
          set_modes(folder_mode, mode);
          ASSERT_EQ(chown(path_.c_str(), owner, group), 0);
          ASSERT_EQ(chown((folder_ / "conf").c_str(), 0, group), 0);
          EXPECT_EQ(check(kUser, kGroup).has_value(), can_open(path_, kUser, kGroup))
              << owner << ' ' << group << std::oct << ' ' << folder_mode << ' ' << mode;
        }
      }
    }
  }
}

// Each kind of entry, on the file and on its folder, fully effective and restricted by the mask.
TEST_F(ReadableBy, ForetellsWhatAclsDo) {
  if (getuid() != 0) GTEST_SKIP() << "only root can become another user";
  int seen = 0, granted = 0;
  for (const AclEntry entry :
       {AclEntry{AclTag::user, 7, kUser}, AclEntry{AclTag::user, 0, kUser},
        AclEntry{AclTag::group, 7, kGroup}, AclEntry{AclTag::group, 0, kGroup},
        AclEntry{AclTag::group, 7, kExtraGroup}, AclEntry{AclTag::user, 7, 7},
        AclEntry{AclTag::group, 7, 7}}) {
    for (const gid_t group : {gid_t{0}, kGroup}) {
      for (const auto mask : std::array<std::uint16_t, 4>{0, 1, 4, 5}) {
        for (const auto others : std::array<std::uint16_t, 2>{0, 5}) {
          for (const bool on_file : {true, false}) {
            set_modes(0755, 0640);
            ASSERT_EQ(chown(path_.c_str(), 0, on_file ? group : kGroup), 0);
            ASSERT_EQ(chown((folder_ / "conf").c_str(), 0, group), 0);
            if (!set_acl(on_file ? path_ : folder_ / "conf",
                         {{AclTag::user_obj, 7},
                          entry.tag == AclTag::user ? entry : AclEntry{AclTag::group_obj, 5},
                          entry.tag == AclTag::user ? AclEntry{AclTag::group_obj, 5} : entry,
                          {AclTag::mask, mask},
                          {AclTag::other, others}})) {
              GTEST_SKIP() << "this file system has no ACLs";
            }
            const bool opens = can_open(path_, kUser, kGroup);
            EXPECT_EQ(check(kUser, kGroup).has_value(), opens)
                << static_cast<int>(entry.tag) << ' ' << entry.rights << ' ' << entry.id << ' '
                << group << ' ' << mask << ' ' << others << ' ' << on_file;
            ++seen;
            granted += opens;
          }
        }
      }
    }
  }
  EXPECT_GT(granted, 0);
  EXPECT_LT(granted, seen);
}

TEST_F(ReadableBy, AdviceForAFileWithAnAclIsToChangeIt) {
  if (!set_acl(path_, {{AclTag::user_obj, 6},
                       {AclTag::user, 4, 7},
                       {AclTag::group_obj, 0},
                       {AclTag::mask, 4},
                       {AclTag::other, 0}})) {
    GTEST_SKIP() << "this file system has no ACLs";
  }
  const auto refused = check(kUser, kGroup);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.ends_with("run: setfacl -m g:" + std::to_string(kGroup) +
                                                ":r " + path_))
      << refused.error().message;
}

TEST_F(ReadableBy, AStrangersFileIsRefusedThoughItCanBeRead) {
  if (getuid() != 0) GTEST_SKIP() << "only root can give files away";
  ASSERT_EQ(chown(path_.c_str(), 54'324, kGroup), 0);
  const auto refused = check(kUser, kGroup);
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.ends_with("run: chown root " + path_));
}

TEST_F(ReadableBy, LooksWhereASymbolicLinkPoints) {
  const std::string link = folder_ / "link";
  ASSERT_EQ(symlink(path_.c_str(), link.c_str()), 0);
  set_modes(0755, 0644);
  EXPECT_TRUE(check_readable_by(link, kUser, kGroup, {}));
  set_modes(0700, 0644);
  EXPECT_FALSE(check_readable_by(link, kUser, kGroup, {}));
}

}  // namespace
}  // namespace sealring
