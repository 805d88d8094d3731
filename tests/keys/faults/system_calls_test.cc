// SPDX-License-Identifier: Apache-2.0
// System calls fail while a ring is read, written and followed: the caller gets the error, the ring
// is unchanged, no files are left beside it, and the next attempt works.
#include "support/system_calls.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "crypto/drivers.h"
#include "crypto/random_pool.h"
#include "keys/keyring_admin.h"
#include "keys/keyring_file.h"
#include "keys/live_keyring.h"
#include "support/acl.h"
#include "support/keys.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

struct SystemFaults : ::testing::Test {
  TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring";
  const std::string before_ = ring_text({xaes_key()});

  void SetUp() override { write_text(path_, before_); }
};

struct Step {
  SystemCall call;
  int code;
  std::size_t passes;
};

std::string reading_fails(const std::string& path, SystemCall call, int code) {
  const FailingSystemCall failing(call, code);
  const auto read = read_keyring_file(tested_driver(), path);
  EXPECT_TRUE(failing.has_failed());
  EXPECT_FALSE(read);
  return read ? "" : read.error().message;
}

TEST_F(SystemFaults, OfReading) {
  EXPECT_NE(reading_fails(path_, SystemCall::open, EMFILE).find("Too many open files"),
            std::string::npos);
  EXPECT_NE(reading_fails(path_, SystemCall::fstat, EIO).find("Input/output error"),
            std::string::npos);
  EXPECT_NE(reading_fails(path_, SystemCall::pread, EIO).find("Input/output error"),
            std::string::npos);
  EXPECT_TRUE(read_keyring_file(tested_driver(), path_));
}

TEST_F(SystemFaults, AnInterruptedReadGoesOn) {
  const FailingSystemCall failing(SystemCall::pread, EINTR, 0, 3);
  EXPECT_TRUE(read_keyring_file(tested_driver(), path_));
  EXPECT_TRUE(failing.has_failed());
}

TEST_F(SystemFaults, AFileThatIsTooLargeIsNotReadAtAll) {
  write_text(path_, std::string(kMaxKeyringFileSize + 1, ' '));
  const FailingSystemCall failing(SystemCall::pread, EIO);
  const auto read = read_keyring_file(tested_driver(), path_);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("1 MiB"), std::string::npos);
  EXPECT_FALSE(failing.has_failed());
}

TEST_F(SystemFaults, AFileThatChangesWhileItIsReadIsRefused) {
  for (const std::string& after : {before_ + " ", before_.substr(0, before_.size() - 1)}) {
    before_next(SystemCall::pread, [&] { write_text(path_, after); });
    const auto read = read_keyring_file(tested_driver(), path_);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("changed while it was read"), std::string::npos);
    write_text(path_, before_);
  }
}

TEST_F(SystemFaults, OfFollowing) {
  const auto live = LiveKeyring::load(tested_driver(), path_).value();
  replace_text(path_, ring_text({xaes_key(), xaes_key(9)}));
  std::int64_t now = kNow;
  // Each has another reason, because the same one is reported only once.
  for (const Step& step : {Step{SystemCall::open, EMFILE, 0}, Step{SystemCall::fstat, EIO, 0},
                           Step{SystemCall::pread, ENXIO, 0}}) {
    const FailingSystemCall failing(step.call, step.code, step.passes);
    const auto refreshed = live->refresh(++now);
    ASSERT_FALSE(refreshed);
    EXPECT_EQ(refreshed.error().error, Error::invalid_keyring);
    EXPECT_EQ(live->current()->keys().size(), 1U);
  }
  EXPECT_TRUE(live->refresh(++now));
  EXPECT_EQ(live->current()->keys().size(), 2U);
}

TEST_F(SystemFaults, OfLookingAtWhatIsFollowed) {
  const auto live = LiveKeyring::load(tested_driver(), path_).value();
  const FailingSystemCall failing(SystemCall::stat, EACCES);
  EXPECT_TRUE(live->refresh(kNow)) << "the file can be opened all the same";
  EXPECT_TRUE(failing.has_failed());
}

TEST_F(SystemFaults, OfAskingWhoMayRead) {
  for (const std::size_t passes : {0U, 1U, 2U}) {
    const FailingSystemCall failing(SystemCall::stat, EIO, passes);
    const auto asked = check_readable_by(path_, 33, 33, {});
    EXPECT_TRUE(!asked || !failing.has_failed());
  }
}

// The steps of changing the file.
constexpr Step kUpdating[] = {
    {SystemCall::open, EMFILE, 0},        {SystemCall::flock, ENOLCK, 0},
    {SystemCall::fstat, EIO, 0},          {SystemCall::stat, ENOENT, 0},
    {SystemCall::fstat, EIO, 1},          {SystemCall::pread, EIO, 0},
    {SystemCall::open, EMFILE, 1},        {SystemCall::open, EROFS, 2},
    {SystemCall::fstat, EIO, 2},          {SystemCall::fgetxattr, EIO, 0},
    {SystemCall::fremovexattr, EPERM, 0}, {SystemCall::fchmod, EPERM, 0},
    {SystemCall::write, ENOSPC, 0},       {SystemCall::fsync, EIO, 0},
    {SystemCall::rename, EIO, 0},
};

TEST_F(SystemFaults, OfChanging) {
  for (const Step& step : kUpdating) {
    const FailingSystemCall failing(step.call, step.code, step.passes);
    const auto added = add_to_keyring_file(tested_driver(), path_, xaes_key(5));
    EXPECT_TRUE(failing.has_failed()) << static_cast<int>(step.call);
    EXPECT_FALSE(added) << static_cast<int>(step.call);
    EXPECT_EQ(read_text(path_), before_);
    EXPECT_EQ(folder_.file_count(), 1U);
  }
  EXPECT_TRUE(add_to_keyring_file(tested_driver(), path_, xaes_key(5)));
}

TEST_F(SystemFaults, OfCopyingAnAcl) {
  if (!set_acl(path_, {{AclTag::user_obj, 6},
                       {AclTag::user, 4, 54'321},
                       {AclTag::group_obj, 4},
                       {AclTag::mask, 4},
                       {AclTag::other, 0}})) {
    GTEST_SKIP() << "this file system has no ACLs";
  }
  const std::string acl = acl_of(path_);
  {
    const FailingSystemCall failing(SystemCall::fsetxattr, EOPNOTSUPP);
    const auto rotated = rotate_keyring_file(tested_driver(), path_, {kNow, 3600, 86'400});
    EXPECT_TRUE(failing.has_failed());
    ASSERT_FALSE(rotated);
    EXPECT_EQ(rotated.error().error, Error::write_failed);
    EXPECT_NE(rotated.error().message.find("was not changed: keeping its ACL"), std::string::npos)
        << rotated.error().message;
  }
  EXPECT_EQ(read_text(path_), before_);
  EXPECT_EQ(acl_of(path_), acl);
  EXPECT_EQ(folder_.file_count(), 1U);
  EXPECT_TRUE(rotate_keyring_file(tested_driver(), path_, {kNow, 3600, 86'400}));
  EXPECT_EQ(acl_of(path_), acl);
}

TEST_F(SystemFaults, OfSyncingTheFolderComesTooLateToTakeTheChangeBack) {
  const FailingSystemCall failing(SystemCall::fsync, EIO, 1);
  const auto added = add_to_keyring_file(tested_driver(), path_, xaes_key(5));
  EXPECT_TRUE(failing.has_failed());
  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().error, Error::write_failed);
  EXPECT_NE(added.error().message.find("was changed, but"), std::string::npos);
  EXPECT_EQ(read_keyring_file(tested_driver(), path_)->keys.size(), 2U);
}

TEST_F(SystemFaults, AFileSystemThatCannotSyncFoldersWillDo) {
  const FailingSystemCall failing(SystemCall::fsync, EINVAL, 1);
  EXPECT_TRUE(add_to_keyring_file(tested_driver(), path_, xaes_key(5)));
  EXPECT_TRUE(failing.has_failed());
}

TEST_F(SystemFaults, AFileThatMayOnlyBeReadIsLockedAllTheSame) {
  const FailingSystemCall failing(SystemCall::open, EACCES);
  EXPECT_TRUE(add_to_keyring_file(tested_driver(), path_, xaes_key(5)));
  EXPECT_TRUE(failing.has_failed());
}

TEST_F(SystemFaults, AnInterruptedChangeGoesOn) {
  for (const SystemCall call : {SystemCall::flock, SystemCall::write, SystemCall::pread}) {
    const FailingSystemCall failing(call, EINTR);
    EXPECT_TRUE(add_to_keyring_file(tested_driver(), path_, xaes_key(5)));
    EXPECT_TRUE(failing.has_failed());
    replace_text(path_, before_);
  }
}

TEST_F(SystemFaults, OfCreating) {
  const std::string path = folder_ / "new";
  for (const Step& step : {Step{SystemCall::open, EROFS, 1}, Step{SystemCall::write, ENOSPC, 0},
                           Step{SystemCall::fsync, EIO, 0}, Step{SystemCall::link, EMLINK, 0}}) {
    const FailingSystemCall failing(step.call, step.code, step.passes);
    const auto created = init_keyring_file(tested_driver(), path, "XAES-256-GCM", 0);
    EXPECT_TRUE(failing.has_failed()) << static_cast<int>(step.call);
    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().error, Error::write_failed);
    EXPECT_EQ(folder_.file_count(), 1U);
  }
}

TEST(RandomPoolFaults, OfItsPage) {
  {
    const FailingSystemCall failing(SystemCall::mmap, ENOMEM);
    EXPECT_EQ(RandomPool::make(tested_driver()).error(), Error::out_of_memory);
  }
  // A kernel that cannot wipe the page on fork: process IDs are compared.
  const FailingSystemCall failing(SystemCall::madvise, EINVAL, 0, 2);
  auto pool = RandomPool::make(tested_driver());
  ASSERT_TRUE(pool);
  EXPECT_FALSE(pool->forked());
}

TEST(RandomPoolFaults, AdviceThatIsTakenAndNotFollowed) {
  const FailingSystemCall pretending(SystemCall::madvise, 0, 0, 3);
  auto pool = RandomPool::make(tested_driver());
  ASSERT_TRUE(pool);
  EXPECT_TRUE(pretending.has_failed());
  EXPECT_FALSE(pool->forked());
  const pid_t child = fork();
  if (child == 0) _exit(pool->forked() ? 0 : 1);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(DriverCheckFaults, OfItsChild) {
  EXPECT_TRUE(check_driver("openssl"));
  for (const SystemCall call : {SystemCall::pipe2, SystemCall::fork}) {
    const FailingSystemCall failing(call, EAGAIN);
    const auto checked = check_driver("openssl");
    EXPECT_TRUE(failing.has_failed());
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().error, Error::crypto_failure);
    EXPECT_EQ(checked.error().message.find("no p"), 0U) << checked.error().message;
  }
}

TEST(DriverCheckFaults, OfHearingFromIt) {
  {
    const FailingSystemCall failing(SystemCall::read, EINTR, 0, 3);
    EXPECT_TRUE(check_driver("openssl"));
    EXPECT_TRUE(failing.has_failed());
  }
  const FailingSystemCall failing(SystemCall::read, EIO);
  const auto checked = check_driver("openssl");
  ASSERT_FALSE(checked) << "a driver is not there until it says so";
  EXPECT_NE(checked.error().message.find("died"), std::string::npos);
}

}  // namespace
}  // namespace sealring
