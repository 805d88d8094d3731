// SPDX-License-Identifier: Apache-2.0
// System calls fail while a list is read, written and followed: the caller gets the error, the list
// is unchanged, no files are left beside it, and the next attempt works.
#include "support/system_calls.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "revocation/revocations.h"
#include "support/revocations.h"

namespace sealring::revocation {
namespace {

struct RevocationFaults : ::testing::Test {
  void SetUp() override {
    create_list(path_);
    revoke(path_, "user", "alice");
  }
  std::string reading_fails(SystemCall call, int code, std::size_t passes = 0) const {
    const FailingSystemCall failing(call, code, passes);
    const auto read = read_list_file(tested_driver(), path_, nullptr);
    EXPECT_TRUE(failing.has_failed());
    EXPECT_FALSE(read);
    return read ? "" : read.error().message;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_ / "list";
};

TEST_F(RevocationFaults, OfReading) {
  EXPECT_NE(reading_fails(SystemCall::open, EMFILE).find("Too many open files"), std::string::npos);
  EXPECT_NE(reading_fails(SystemCall::fstat, EIO).find("Input/output error"), std::string::npos);
  EXPECT_NE(reading_fails(SystemCall::pread, EIO).find("Input/output error"), std::string::npos);
  EXPECT_NE(reading_fails(SystemCall::pread, EIO, 1).find("Input/output error"), std::string::npos);
  const FailingSystemCall interrupted(SystemCall::pread, EINTR, 0, 3);
  EXPECT_TRUE(read_list_file(tested_driver(), path_, nullptr));
}

// Also when it becomes the same list with other entries, between its header and the rest.
TEST_F(RevocationFaults, AFileThatChangesWhileItIsReadIsRefused) {
  const std::string before = read_text(path_);
  revoke(path_, "user", "bob", kNow - 1, kLater);
  std::filesystem::remove(path_);
  write_text(path_, before, 0644);
  std::string other = before;
  other[31] = static_cast<char>(other[31] + 1);
  for (const std::string& after :
       {before.substr(0, before.size() - 1), other, before.substr(0, 90)}) {
    write_text(path_, before, 0644);
    before_next(SystemCall::pread,
                [&] { before_next(SystemCall::pread, [&] { write_text(path_, after, 0644); }); });
    const auto read = read_list_file(tested_driver(), path_, nullptr);
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().message.find("changed while it was read"), std::string::npos)
        << read.error().message;
  }
}

TEST_F(RevocationFaults, OfFollowing) {
  const auto live = Revocations::load(tested_driver(), path_).value();
  revoke(path_, "user", "bob");
  std::int64_t now = kNow;
  for (const auto& [call, code] : {std::pair{SystemCall::open, EMFILE},
                                   {SystemCall::fstat, EIO},
                                   {SystemCall::pread, ENXIO}}) {
    const FailingSystemCall failing(call, code);
    const auto refreshed = live->refresh(++now);
    ASSERT_FALSE(refreshed);
    EXPECT_EQ(refreshed.error().error, Error::invalid_revocations);
    EXPECT_EQ(live->current()->list->size(), 1U);
  }
  EXPECT_TRUE(live->refresh(++now));
  EXPECT_EQ(live->current()->list->size(), 2U);
}

TEST_F(RevocationFaults, OfChanging) {
  const std::string before = read_text(path_);
  const auto add = [&] {
    return update_list_file(tested_driver(), path_, kNow, [](Draft& draft) {
      return draft.add(tested_driver(), "user", "bob", kNow, kLater);
    });
  };
  struct Step {
    SystemCall call;
    int code;
    std::size_t passes;
  };
  for (const Step& step : {Step{SystemCall::open, EMFILE, 0}, Step{SystemCall::flock, ENOLCK, 0},
                           Step{SystemCall::pread, EIO, 1}, Step{SystemCall::open, EROFS, 2},
                           Step{SystemCall::fchmod, EPERM, 0}, Step{SystemCall::write, ENOSPC, 0},
                           Step{SystemCall::fsync, EIO, 0}, Step{SystemCall::rename, EIO, 0}}) {
    const FailingSystemCall failing(step.call, step.code, step.passes);
    EXPECT_FALSE(add()) << static_cast<int>(step.call);
    EXPECT_TRUE(failing.has_failed()) << static_cast<int>(step.call);
    EXPECT_EQ(read_text(path_), before);
    EXPECT_EQ(folder_.file_count(), 1U);
  }
  EXPECT_TRUE(add());
}

}  // namespace
}  // namespace sealring::revocation
