// SPDX-License-Identifier: Apache-2.0
#include "base/followed_file.h"

#include <gtest/gtest.h>

#include <latch>
#include <new>
#include <thread>

#include "support/forked.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

using File = FollowedFile<std::string>;

Explained<File::Loaded> load_text(const std::string& path, const std::string* = nullptr) {
  struct stat stat{};
  if (::stat(path.c_str(), &stat) != 0) return problem(Error::invalid_argument, "missing");
  std::string text = read_text(path);
  if (text.starts_with("bad")) return problem(Error::invalid_argument, text);
  return File::Loaded{std::make_shared<const std::string>(std::move(text)), stat};
}

class FollowedFileTest : public ::testing::Test {
 protected:
  FollowedFileTest() { write_text(path_, "0"); }

  void follow(File::Load load = load_text) { file_ = File::load(path_, std::move(load)).value(); }
  // Each call is in another second.
  Explained<void> refresh() { return file_->refresh(++now_); }
  std::string text() const { return *file_->current(); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "file";
  std::unique_ptr<File> file_;
  std::atomic<std::int64_t> now_ = kNow;
};

TEST_F(FollowedFileTest, SwapsInAChangedFileAndNothingElse) {
  int loads = 0;
  follow([&](const std::string& path, const std::string*) {
    ++loads;
    return load_text(path);
  });
  const auto before = file_->current();
  EXPECT_EQ(file_->generation(), 1U);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(refresh());
  EXPECT_EQ(loads, 1);
  EXPECT_EQ(file_->current(), before);
  replace_text(path_, "1");
  EXPECT_TRUE(refresh());
  EXPECT_EQ(text(), "1");
  EXPECT_EQ(*before, "0") << "the old value stays valid for those who have it";
  EXPECT_EQ(file_->generation(), 2U);
  EXPECT_EQ(loads, 2);
}

TEST_F(FollowedFileTest, LooksOnceASecondAndWhenTheClockWasSetBack) {
  follow();
  EXPECT_TRUE(file_->refresh(kNow));
  replace_text(path_, "1");
  EXPECT_TRUE(file_->refresh(kNow));
  EXPECT_EQ(text(), "0");
  EXPECT_TRUE(file_->refresh(kNow + 1));
  EXPECT_EQ(text(), "1");
  replace_text(path_, "2");
  EXPECT_TRUE(file_->refresh(kNow - 3600));
  EXPECT_EQ(text(), "2");
}

TEST_F(FollowedFileTest, OneThatIsRefusedAtFirstIsNotFollowed) {
  write_text(path_, "bad");
  const auto refused = File::load(path_, load_text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "bad");
}

TEST_F(FollowedFileTest, KeepsTheLastGoodValueAndReportsEachFaultOnce) {
  follow();
  for (const char* const fault : {"bad", "bad too"}) {
    replace_text(path_, fault);
    const auto refused = refresh();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, fault);
    EXPECT_TRUE(refresh());
  }
  replace_text(path_, "bad too");
  EXPECT_FALSE(refresh()) << "another file with the same fault";
  std::filesystem::remove(path_);
  EXPECT_FALSE(refresh());
  EXPECT_TRUE(refresh());
  EXPECT_EQ(text(), "0");
  EXPECT_EQ(file_->generation(), 1U);
  write_text(path_, "1");
  EXPECT_TRUE(refresh());
  EXPECT_EQ(text(), "1");
}

// The cause of a refusal may disappear although the file does not change.
TEST_F(FollowedFileTest, TriesARefusedFileAgain) {
  bool works = true;
  follow([&](const std::string& path, const std::string*) -> Explained<File::Loaded> {
    if (!works) return problem(Error::out_of_memory, "no descriptor");
    return load_text(path);
  });
  replace_text(path_, "1");
  works = false;
  EXPECT_FALSE(refresh());
  works = true;
  EXPECT_TRUE(refresh());
  EXPECT_EQ(text(), "1");
}

TEST_F(FollowedFileTest, AValueCanBeRefusedBecauseItIsOlderThanTheOneInUse) {
  follow([](const std::string& path, const std::string* in_use) -> Explained<File::Loaded> {
    auto loaded = load_text(path);
    if (loaded && in_use != nullptr && *loaded->value < *in_use) {
      return problem(Error::invalid_argument, "older");
    }
    return loaded;
  });
  replace_text(path_, "2");
  EXPECT_TRUE(refresh());
  replace_text(path_, "1");
  EXPECT_FALSE(refresh());
  EXPECT_EQ(text(), "2");
}

TEST_F(FollowedFileTest, ARelativePathIsThatOfTheFolderInWhichItWasLoaded) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  file_ = File::load("file", load_text).value();
  std::filesystem::current_path("/");
  EXPECT_EQ(file_->path(), path_);
  replace_text(path_, "1");
  EXPECT_TRUE(refresh());
  EXPECT_EQ(text(), "1");
  std::filesystem::current_path(before);
}

TEST_F(FollowedFileTest, ALoadThatThrowsDoesNotEndTheFollowing) {
  bool throws = false;
  follow([&](const std::string& path, const std::string*) {
    if (throws) throw std::bad_alloc();
    return load_text(path);
  });
  replace_text(path_, "1");
  throws = true;
  EXPECT_THROW(std::ignore = refresh(), std::bad_alloc);
  throws = false;
  EXPECT_TRUE(refresh());
  EXPECT_EQ(text(), "1");
}

// Loading reads the file and then waits, in another thread.
class SlowLoad : public FollowedFileTest {
 protected:
  void SetUp() override {
    follow([this](const std::string& path, const std::string* in_use) {
      auto loaded = load_text(path);
      if (in_use != nullptr && *loaded->value == "slow") {
        begun_.count_down();
        end_.wait();
      }
      return loaded;
    });
    replace_text(path_, "slow");
    thread_ = std::jthread([this] { slow_ = refresh().has_value(); });
    begun_.wait();
  }
  void end() {
    end_.count_down();
    thread_.join();
    EXPECT_TRUE(slow_);
  }

  std::latch begun_{1}, end_{1};
  bool slow_ = false;
  std::jthread thread_;
};

TEST_F(SlowLoad, NeverPutsAnOlderFileBack) {
  replace_text(path_, "new");
  EXPECT_TRUE(refresh()) << "it does not wait";
  EXPECT_EQ(text(), "0");
  end();
  EXPECT_EQ(text(), "slow");
  EXPECT_TRUE(refresh());
  EXPECT_EQ(text(), "new");
}

TEST_F(SlowLoad, IsNotOneThatAForkWaitsFor) {
  Child([this] {
    alarm(60);
    EXPECT_EQ(text(), "0");
    write_text(path_, "child");
    EXPECT_TRUE(refresh());
    EXPECT_EQ(text(), "child");
  });
  end();
}

TEST_F(FollowedFileTest, AChildOfAProcessWithThreadsNeverHangs) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer's own allocator can hang in such a child";
#endif
  follow();
  std::atomic<bool> stop = false;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        std::ignore = file_->current();
        std::ignore = refresh();
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    replace_text(path_, std::string(i % 2 == 0 ? "bad " : "") + std::to_string(i));
    Child([&] {
      alarm(60);
      for (int n = 0; n < 3; ++n) {
        EXPECT_FALSE(text().empty());
        std::ignore = refresh();
      }
    });
    if (HasFailure()) break;
  }
  stop = true;
}

}  // namespace
}  // namespace sealring
