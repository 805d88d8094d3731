// SPDX-License-Identifier: Apache-2.0
// The time of a list's file, which tells servers how fresh it is, cannot be set.
#include "support/system_calls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cerrno>

#include "agent/kept_list.h"
#include "support/revocations.h"

namespace sealring::agent {
namespace {

constexpr std::uint32_t kBound = 40;  // confirmed every ten seconds

struct ListFaults : ::testing::Test {
  ListFaults() {
    revocation::create_list(path_, kBound);
    set_file_time(kNow - 5);
    list_ = KeptList::open(tested_driver(), path_, kNow).value();
  }

  void set_file_time(std::int64_t time) const {
    const timespec times[2] = {{time, 0}, {time, 0}};
    ASSERT_EQ(utimensat(AT_FDCWD, path_.c_str(), times, 0), 0);
  }
  std::int64_t file_time() const {
    struct stat stat {};
    EXPECT_EQ(::stat(path_.c_str(), &stat), 0);
    return stat.st_mtim.tv_sec;
  }
  void tick(std::int64_t now) { list_->tick(Milliseconds(0), now); }
  bool cannot_be_confirmed() const {
    return list_->problem().find("cannot be confirmed: Operation not permitted") !=
           std::string::npos;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "session.revoked";
  std::unique_ptr<KeptList> list_;
};

TEST_F(ListFaults, AListThatCannotBeConfirmedIsNotConfirmed) {
  tick(kNow);
  EXPECT_EQ(file_time(), kNow - 5) << "it is fresh enough";
  {
    const FailingSystemCall failing(SystemCall::utimensat, EPERM, 0, 2);
    tick(kNow + 6);
    EXPECT_TRUE(failing.has_failed());
    EXPECT_TRUE(cannot_be_confirmed()) << list_->problem();
    tick(kNow + 6);
    EXPECT_TRUE(cannot_be_confirmed()) << "also after a look at the file";
    tick(kNow + 7);
    EXPECT_TRUE(cannot_be_confirmed());
    EXPECT_EQ(file_time(), kNow - 5);
  }
  tick(kNow + 8);
  EXPECT_EQ(list_->problem(), "");
  EXPECT_EQ(file_time(), kNow + 8) << "not only ten seconds later";
}

// As it was confirmed last, not as it was tried.
TEST_F(ListFaults, AListThatWasNotConfirmedStaysAsOldAsItIs) {
  {
    const FailingSystemCall failing(SystemCall::utimensat, EPERM);
    tick(kNow + 6);
    EXPECT_TRUE(failing.has_failed());
  }
  list_->set_in_touch(false);
  tick(kNow + 7);
  EXPECT_EQ(list_->problem(), "");
  EXPECT_EQ(file_time(), kNow - 5);
}

// A file that is written looks fresh, and servers must not go on to believe it.
TEST_F(ListFaults, ATimeThatCannotBeSetBackIsSetBackLater) {
  list_->set_in_touch(false);
  list_->add("sid", revocation::entry_number(1), {});
  {
    const FailingSystemCall failing(SystemCall::utimensat, EPERM);
    EXPECT_TRUE(list_->write(kNow)) << "the revocation is in the file";
    EXPECT_TRUE(failing.has_failed());
  }
  EXPECT_TRUE(cannot_be_confirmed());
  EXPECT_NE(file_time(), kNow - 5);
  tick(kNow + 1);
  EXPECT_EQ(list_->problem(), "");
  EXPECT_EQ(file_time(), kNow - 5);
}

}  // namespace
}  // namespace sealring::agent
