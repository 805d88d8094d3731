// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "support/forked.h"
#include "support/keys.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

class KeyringFileTest : public ::testing::Test {
 protected:
  // The message with which the file is refused; "" if it is read.
  std::string refusal() const { return refusal(path_); }
  static std::string refusal(const std::string& path) {
    const auto file = read_keyring_file(tested_driver(), path);
    if (file) return "";
    EXPECT_EQ(file.error().error, Error::invalid_keyring);
    EXPECT_NE(file.error().message.find(path), std::string::npos) << "it must name the file";
    return file.error().message;
  }
  static bool holds(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring.jwks";
  const std::string text_ = ring_text({xaes_key(0), legacy_key()});
};

TEST_F(KeyringFileTest, GivesKeysAndWhatTheFileWas) {
  write_text(path_, text_);
  const auto file = read_keyring_file(tested_driver(), path_);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_EQ(file->keys.size(), 2U);
  EXPECT_EQ(file->keys[0].secret, xaes_key(0).secret);
  EXPECT_EQ(file->keys[1].algorithm, Algorithm::nginx_legacy);
  EXPECT_EQ(file->stat.st_size, static_cast<off_t>(text_.size()));
  EXPECT_EQ(file->stat.st_mode & 0777, 0640U);
}

TEST_F(KeyringFileTest, TrustsNoFileThatOthersMayTouchOrTheGroupMayWrite) {
  write_text(path_, text_);
  for (mode_t mode = 0; mode < 0400; ++mode) {
    ASSERT_EQ(chmod(path_.c_str(), 0400 | mode), 0);
    if ((mode & 037) == 0) {
      EXPECT_EQ(refusal(), "") << std::oct << mode;
    } else {
      EXPECT_TRUE(holds(refusal(), "chmod 640 " + path_)) << std::oct << mode;
    }
  }
}

TEST_F(KeyringFileTest, TrustsNoFileThatAStrangerOwns) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  write_text(path_, text_);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  const auto refusal_for = [&](uid_t reader, uid_t owner) {
    EXPECT_EQ(chown(path_.c_str(), owner, 54'322), 0);
    EXPECT_EQ(chmod(path_.c_str(), 0640), 0);
    const SharedArray<char> message(512);
    Child([&] {
      if (setgid(54'322) != 0 || setuid(reader) != 0) ADD_FAILURE();
      refusal().copy(message.span().data(), 511);
    });
    return std::string(message.span().data());
  };
  for (const uid_t reader : {0U, 54'321U}) {
    EXPECT_EQ(refusal_for(reader, 0), "");
    EXPECT_EQ(refusal_for(reader, reader), "");
    const std::string refused = refusal_for(reader, 54'323);
    EXPECT_TRUE(holds(refused, "run: chown root " + path_)) << refused;
  }
}

TEST_F(KeyringFileTest, RootMayReadForAdministrationWhatAnotherOwns) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  write_text(path_, text_);
  ASSERT_EQ(chown(path_.c_str(), 54'321, 54'322), 0);
  EXPECT_TRUE(read_keyring_file(tested_driver(), path_, Owner::any_if_root_reads));
  EXPECT_FALSE(read_keyring_file(tested_driver(), path_));
}

TEST_F(KeyringFileTest, AMissingFileIsToBeMade) {
  EXPECT_TRUE(holds(refusal(), "sealring keyring init " + path_));
}

TEST_F(KeyringFileTest, AFileThatThisUserMayNotReadIsToBeSharedWithItsGroup) {
  write_text(path_, text_, 0);
  ASSERT_EQ(chmod(folder_.path().c_str(), 0755), 0);
  Child([&] {
    if (getuid() == 0 && setuid(65534) != 0) ADD_FAILURE();
    EXPECT_TRUE(holds(refusal(), "chgrp")) << refusal();
  });
}

TEST_F(KeyringFileTest, WhatIsNoRegularFileIsRefused) {
  EXPECT_TRUE(holds(refusal(folder_.path()), "not a regular file"));
  EXPECT_TRUE(holds(refusal("/dev/null"), "not a regular file"));
}

TEST_F(KeyringFileTest, AFifoDoesNotHang) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  alarm(20);
  EXPECT_TRUE(holds(refusal(), "not a regular file"));
  alarm(0);
}

TEST_F(KeyringFileTest, SizesAreBounded) {
  write_text(path_, "");
  EXPECT_TRUE(holds(refusal(), "empty"));
  std::string text = text_;
  text.resize(kMaxKeyringFileSize, ' ');
  write_text(path_, text);
  EXPECT_EQ(refusal(), "");
  write_text(path_, text + ' ');
  EXPECT_TRUE(holds(refusal(), "1 MiB"));
}

TEST_F(KeyringFileTest, AnEmptyListIsForTheRingToRefuse) {
  write_text(path_, R"({"keys":[]})");
  EXPECT_EQ(refusal(), "");
}

TEST_F(KeyringFileTest, ATornFileSaysWhatToDo) {
  write_text(path_, text_.substr(0, text_.size() / 2));
  EXPECT_TRUE(holds(refusal(), "backup")) << refusal();
}

TEST_F(KeyringFileTest, ASymbolicLinkIsFollowed) {
  const std::string link = folder_ / "link";
  ASSERT_EQ(symlink("ring.jwks", link.c_str()), 0);
  EXPECT_TRUE(holds(refusal(link), "No such file"));
  write_text(path_, text_);
  EXPECT_EQ(refusal(link), "");
  // The file's mode counts, not the link's 0777.
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  EXPECT_TRUE(holds(refusal(link), "chmod 640"));
}

TEST_F(KeyringFileTest, AnOpenFileIsReadFromItsBeginning) {
  write_text(path_, text_);
  const int file = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 0);
  EXPECT_EQ(lseek(file, 10, SEEK_SET), 10);
  EXPECT_TRUE(read_keyring_file(tested_driver(), path_, file));
  EXPECT_TRUE(read_keyring_file(tested_driver(), path_, file));
  close(file);
}

// A child rewrites the file in place all the time. Each read gives one of the two rings or a
// refusal, never a mixture.
TEST_F(KeyringFileTest, AFileThatIsRewrittenUnderOurHandsGivesNoMixture) {
  const std::string other = ring_text({xaes_key(1), xaes_key(2), xaes_key(3)});
  write_text(path_, text_);
  const SharedArray<bool> stop(1);
  Child writer([&] {
    while (!*const_cast<volatile bool*>(stop.span().data())) {
      std::ofstream(path_, std::ios::trunc) << other;
      std::ofstream(path_, std::ios::trunc) << text_;
    }
  });
  for (int i = 0; i < 300; ++i) {
    if (const auto file = read_keyring_file(tested_driver(), path_)) {
      ASSERT_FALSE(file->keys.empty());
      EXPECT_EQ(file->keys.size(), file->keys[0].kid == xaes_key(0).kid ? 2U : 3U);
    } else {
      EXPECT_EQ(file.error().error, Error::invalid_keyring);
    }
  }
  stop.span()[0] = true;
}

}  // namespace
}  // namespace sealring
