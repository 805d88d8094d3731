// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring_writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "keys/keyring_file.h"
#include "support/acl.h"
#include "support/forked.h"
#include "support/keys.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

class KeyringWriter : public ::testing::Test {
 protected:
  void create() { ASSERT_TRUE(create_keyring_file(path_, std::vector{xaes_key(0)})); }

  Explained<void> append(Key key) const { return append(path_, std::move(key)); }
  static Explained<void> append(const std::string& path, Key key) {
    return update_keyring_file(tested_driver(), path,
                               [&](std::vector<Key>& keys) -> Explained<void> {
                                 keys.push_back(std::move(key));
                                 return {};
                               });
  }
  std::size_t key_count() const {
    return read_keyring_file(tested_driver(), path_, Owner::any_if_root_reads).value().keys.size();
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring.jwks";
};

TEST_F(KeyringWriter, CreatesAFileThatReadersTake) {
  create();
  const auto file = read_keyring_file(tested_driver(), path_);
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->keys[0].secret, xaes_key(0).secret);
  EXPECT_EQ(folder_.file_count(), 1U);
}

TEST_F(KeyringWriter, CreatesWithMode0640LessTheUmask) {
  for (const mode_t mask : {0000U, 0022U, 0027U, 0077U}) {
    const mode_t before = umask(mask);
    create();
    EXPECT_EQ(umask(before), mask) << "the umask must stay";
    EXPECT_EQ(mode_of(path_), 0640 & ~mask);
    std::filesystem::remove(path_);
  }
}

TEST_F(KeyringWriter, NeverCreatesOverAFile) {
  write_text(path_, "precious");
  const auto refused = create_keyring_file(path_, std::vector{xaes_key(0)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::write_failed);
  EXPECT_NE(refused.error().message.find("keyring rotate " + path_), std::string::npos);
  EXPECT_EQ(read_text(path_), "precious");
  EXPECT_EQ(folder_.file_count(), 1U);
}

TEST_F(KeyringWriter, NeverCreatesOverALinkThatPointsNowhere) {
  ASSERT_EQ(symlink("elsewhere", path_.c_str()), 0);
  EXPECT_FALSE(create_keyring_file(path_, std::vector{xaes_key(0)}));
  EXPECT_EQ(folder_.file_count(), 1U);
}

TEST_F(KeyringWriter, AMissingFolderIsAWriteFailure) {
  const auto refused = create_keyring_file(folder_ / "missing/ring", std::vector{xaes_key(0)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::write_failed);
}

TEST_F(KeyringWriter, UpdatesByReplacing) {
  create();
  struct stat before{}, after{};
  ASSERT_EQ(stat(path_.c_str(), &before), 0);
  ASSERT_TRUE(append(xaes_key(1)));
  ASSERT_EQ(stat(path_.c_str(), &after), 0);
  EXPECT_NE(before.st_ino, after.st_ino);
  EXPECT_EQ(key_count(), 2U);
  EXPECT_EQ(folder_.file_count(), 1U);
}

TEST_F(KeyringWriter, ModeOwnerAndGroupStay) {
  create();
  const bool root = geteuid() == 0;
  if (root) {
    ASSERT_EQ(chown(path_.c_str(), 54'321, 54'322), 0);
  }
  for (const mode_t mode : {0600U, 0640U, 0440U}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    const mode_t before = umask(0077);
    EXPECT_TRUE(append(xaes_key(static_cast<std::uint8_t>(mode))));
    umask(before);
    EXPECT_EQ(mode_of(path_), mode);
  }
  struct stat stat{};
  ASSERT_EQ(::stat(path_.c_str(), &stat), 0);
  EXPECT_EQ(stat.st_uid, root ? 54'321 : geteuid());
  EXPECT_EQ(stat.st_gid, root ? 54'322 : getegid());
}

TEST_F(KeyringWriter, TheAclStays) {
  create();
  if (!set_acl(path_, {{AclTag::user_obj, 6},
                       {AclTag::user, 4, 54'321},
                       {AclTag::group_obj, 0},
                       {AclTag::group, 4, 54'322},
                       {AclTag::mask, 4},
                       {AclTag::other, 0}})) {
    GTEST_SKIP() << "this file system has no ACLs";
  }
  const std::string before = acl_of(path_);
  ASSERT_TRUE(append(xaes_key(1)));
  EXPECT_EQ(acl_of(path_), before);
  EXPECT_EQ(mode_of(path_), 0640U);
}

// A new file in such a folder has an ACL from the start.
TEST_F(KeyringWriter, ADefaultAclOfTheFolderGivesNobodyTheChangedFile) {
  create();
  if (!set_acl(folder_.path(),
               {{AclTag::user_obj, 7},
                {AclTag::user, 7, 54'321},
                {AclTag::group_obj, 5},
                {AclTag::mask, 7},
                {AclTag::other, 0}},
               kDefaultAcl)) {
    GTEST_SKIP() << "this file system has no ACLs";
  }
  ASSERT_TRUE(append(xaes_key(1)));
  EXPECT_EQ(acl_of(path_), "");
  EXPECT_EQ(mode_of(path_), 0640U);
}

// The library may run in a process with threads: another one may create a file at the same time.
TEST_F(KeyringWriter, NeverTouchesTheUmask) {
  std::atomic<bool> stop = false, was_touched = false;
  const mode_t before = umask(0022);
  std::jthread watcher([&] {
    while (!stop) {
      std::ifstream status("/proc/self/status");
      for (std::string line; std::getline(status, line);) {
        if (line.starts_with("Umask:") && line != "Umask:\t0022") was_touched = true;
      }
    }
  });
  for (int i = 0; i < 300; ++i) {
    create();
    std::filesystem::remove(path_);
  }
  stop = true;
  watcher.join();
  umask(before);
  EXPECT_FALSE(was_touched);
}

TEST_F(KeyringWriter, RootMayChangeTheRingOfAnotherUser) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may";
  create();
  ASSERT_EQ(chown(path_.c_str(), 54'321, 54'322), 0);
  EXPECT_TRUE(append(xaes_key(1)));
}

TEST_F(KeyringWriter, TheFoldersGroupIsNotTheFiles) {
  if (geteuid() != 0) GTEST_SKIP() << "only root may give a folder to any group";
  create();
  const std::string folder = folder_ / "";
  ASSERT_EQ(chown(folder.c_str(), geteuid(), 54'322), 0);
  ASSERT_EQ(chmod(folder.c_str(), 02775), 0);  // new files get its group
  EXPECT_TRUE(append(xaes_key(1)));
  struct stat stat{};
  ASSERT_EQ(::stat(path_.c_str(), &stat), 0);
  EXPECT_EQ(stat.st_gid, getegid());
}

TEST_F(KeyringWriter, AChangeThatFailsLeavesTheFile) {
  create();
  const std::string before = read_text(path_);
  const auto refused =
      update_keyring_file(tested_driver(), path_, [](std::vector<Key>& keys) -> Explained<void> {
        keys.clear();
        return problem(Error::no_primary_key, "not today");
      });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::no_primary_key);
  EXPECT_NE(refused.error().message.find("not today"), std::string::npos);
  EXPECT_NE(refused.error().message.find(path_), std::string::npos);
  EXPECT_EQ(read_text(path_), before);
  EXPECT_EQ(folder_.file_count(), 1U);
}

// Each of these would stop all servers from starting again.
TEST_F(KeyringWriter, WhatNoReaderWouldTakeIsNotWritten) {
  create();
  const std::string before = read_text(path_);
  Key short_secret = legacy_key();
  short_secret.secret.pop_back();
  Key wrong_kid = xaes_key(1);
  wrong_kid.kid = "AAAAAAAA";
  const std::pair<const char*, Key> bad[] = {
      {"a kid twice", xaes_key(0)},
      {"a secret twice", legacy_key(0)},
      {"a short secret", short_secret},
      {"a wrong kid", wrong_kid},
      {"a late seal_from", sealing_from(xaes_key(1), std::int64_t{1} << 40)},
      {"a negative seal_from", sealing_from(xaes_key(1), -1)},
      {"a late open_until", opening_until(xaes_key(1), std::int64_t{1} << 40)},
  };
  for (const auto& [what, key] : bad) {
    EXPECT_FALSE(append(key)) << what;
    EXPECT_EQ(read_text(path_), before) << what;
  }
  const auto emptied =
      update_keyring_file(tested_driver(), path_, [](std::vector<Key>& keys) -> Explained<void> {
        keys.clear();
        return {};
      });
  EXPECT_FALSE(emptied);
  EXPECT_EQ(read_text(path_), before);
  EXPECT_EQ(folder_.file_count(), 1U);
}

TEST_F(KeyringWriter, AFileThatWouldOutgrowAMebibyteIsNotWritten) {
  create();
  const auto fill = [](std::vector<Key>& keys) -> Explained<void> {
    for (std::size_t i = 1; i < kMaxKeys; ++i) {
      keys.push_back(legacy_key());
      keys.back().kid = std::string(kMaxKidSize - 5, 'k') + std::to_string(10'000 + i);
    }
    return {};
  };
  const auto updated = update_keyring_file(tested_driver(), path_, fill);
  EXPECT_TRUE(read_keyring_file(tested_driver(), path_))
      << (updated ? "it was written" : updated.error().message);
}

TEST_F(KeyringWriter, AFileThatCannotBeReadIsNotReplaced) {
  write_text(path_, "torn");
  EXPECT_FALSE(append(xaes_key(1)));
  EXPECT_EQ(read_text(path_), "torn");
  std::filesystem::remove(path_);
  const auto missing = append(xaes_key(1));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().error, Error::write_failed);
  EXPECT_EQ(folder_.file_count(), 0U);
}

TEST_F(KeyringWriter, ASymbolicLinkStaysOneAndItsTargetIsReplaced) {
  std::filesystem::create_directory(folder_ / "target");
  ASSERT_TRUE(create_keyring_file(folder_ / "target/ring", std::vector{xaes_key(0)}));
  ASSERT_EQ(symlink("target/ring", path_.c_str()), 0);
  ASSERT_TRUE(append(xaes_key(1)));
  EXPECT_TRUE(std::filesystem::is_symlink(path_));
  EXPECT_FALSE(std::filesystem::is_symlink(folder_ / "target/ring"));
  EXPECT_EQ(key_count(), 2U);
  EXPECT_EQ(folder_.file_count(), 2U);
}

TEST_F(KeyringWriter, AFolderThatCannotBeWrittenToLeavesTheFile) {
  create();
  ASSERT_EQ(chmod(path_.c_str(), 0600), 0);
  if (geteuid() == 0) {
    ASSERT_EQ(chown(path_.c_str(), 65534, 65534), 0);
  }
  ASSERT_EQ(chmod(folder_.path().c_str(), 0555), 0);
  const std::string before = read_text(path_);
  Child([&] {
    if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) ADD_FAILURE();
    const auto refused = append(xaes_key(1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error, Error::write_failed);
  });
  ASSERT_EQ(chmod(folder_.path().c_str(), 0700), 0);
  EXPECT_EQ(read_text(path_), before);
}

TEST_F(KeyringWriter, WritersWaitForEachOtherAndReadersNeverSeeHalfARing) {
  create();
  constexpr std::size_t kWriters = 6, kKeys = 5;
  {
    std::vector<Child> writers;
    for (std::size_t writer = 0; writer < kWriters; ++writer) {
      writers.emplace_back([&] {
        for (std::size_t i = 0; i < kKeys; ++i) {
          const auto first = static_cast<std::uint8_t>(1 + writer * kKeys + i);
          const auto appended = append(xaes_key(first));
          EXPECT_TRUE(appended) << appended.error().message;
        }
      });
    }
    for (int i = 0; i < 200; ++i) {
      const auto file = read_keyring_file(tested_driver(), path_);
      EXPECT_TRUE(file) << file.error().message;
    }
  }
  EXPECT_EQ(key_count(), 1 + kWriters * kKeys);
  EXPECT_EQ(folder_.file_count(), 1U);
}

}  // namespace
}  // namespace sealring
