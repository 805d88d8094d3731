// SPDX-License-Identifier: Apache-2.0
// A ring of a fleet in its file, and the sealed one beside it.
#include "agent/kept_ring.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <thread>

#include "support/sealers.h"
#include "support/temporary_folder.h"

namespace sealring::agent {
namespace {

struct KeptRingTest : ::testing::Test {
  std::unique_ptr<KeptRing> open() { return KeptRing::open(*fleet_, path_, kNow).value(); }
  std::string token(std::uint64_t generation, const std::string& text) {
    return seal_ring(*fleet_, kNow, "session.keys", generation, text).value();
  }
  std::string text() const { return read_text(path_); }
  bool has_file() const { return std::filesystem::exists(path_); }
  void look() { ring_->look(++second_); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "session.keys";
  const std::unique_ptr<Sealer> fleet_ = sealer_of({xaes_key(99)});
  const std::string first_ = ring_text({xaes_key(1)}), second_ring_ = ring_text({xaes_key(2)}),
                    third_ = ring_text({xaes_key(3)});
  std::int64_t second_ = kNow;
  std::unique_ptr<KeptRing> ring_ = open();
};

TEST_F(KeptRingTest, TakesARingThatIsNewer) {
  EXPECT_EQ(ring_->sealed().generation, 0U);
  ASSERT_TRUE(ring_->take(token(3, first_), kNow));
  EXPECT_EQ(text(), first_);
  EXPECT_EQ(std::filesystem::status(path_).permissions() & std::filesystem::perms::others_all,
            std::filesystem::perms::none);
  ASSERT_TRUE(ring_->take(token(4, second_ring_), kNow));
  EXPECT_EQ(text(), second_ring_);
  EXPECT_EQ(ring_->sealed().generation, 4U);
  EXPECT_EQ(ring_->kids(), kids_of_ring(tested_driver(), second_ring_).value());
  EXPECT_EQ(ring_->problem(), "");
}

TEST_F(KeptRingTest, NeverGoesBackAlsoAfterARestart) {
  ASSERT_TRUE(ring_->take(token(3, first_), kNow));
  for (int round = 0; round < 2; ++round) {
    for (const std::uint64_t generation : {1U, 2U, 3U}) {
      EXPECT_FALSE(ring_->take(token(generation, second_ring_), kNow)) << generation;
    }
    EXPECT_EQ(text(), first_);
    ring_ = open();
    EXPECT_EQ(ring_->sealed().generation, 3U);
  }
}

TEST_F(KeptRingTest, RefusesWhatDoesNotOpen) {
  const auto other = sealer_of({xaes_key(98)});
  EXPECT_FALSE(ring_->take(seal_ring(*other, kNow, "session.keys", 1, first_).value(), kNow));
  EXPECT_FALSE(ring_->take(seal_ring(*fleet_, kNow, "other.keys", 1, first_).value(), kNow));
  EXPECT_FALSE(has_file());
}

TEST_F(KeptRingTest, PublishesTheFileAsTheNextGeneration) {
  write_text(path_, first_);
  const auto next = ring_->next(kNow).value();
  EXPECT_EQ(next.generation, 1U);
  EXPECT_EQ(ring_->sealed().generation, 0U) << "the store does not have it yet";
  ASSERT_TRUE(ring_->published(next, kNow));
  EXPECT_EQ(ring_->next(kNow).value().generation, 1U) << "nothing is new";
  write_text(path_, second_ring_);
  EXPECT_EQ(ring_->next(kNow).value().generation, 2U);
  EXPECT_EQ(as_text(open_ring(*fleet_, kNow, "session.keys", ring_->next(kNow)->token)->text),
            second_ring_);
}

TEST_F(KeptRingTest, PublishesNoRingThatServersRefuse) {
  EXPECT_FALSE(ring_->next(kNow)) << "there is none";
  write_text(path_, "torn");
  EXPECT_FALSE(ring_->next(kNow));
  write_text(path_, R"({"keys": []})");
  EXPECT_FALSE(ring_->next(kNow));
  write_text(path_, first_, 0644);
  EXPECT_FALSE(ring_->next(kNow)) << "others may read it";
}

TEST_F(KeptRingTest, ReplacesNoChangeOfThisMachine) {
  ASSERT_TRUE(ring_->take(token(1, first_), kNow));
  write_text(path_, second_ring_);
  look();
  EXPECT_NE(ring_->problem().find("publish"), std::string::npos);
  EXPECT_FALSE(ring_->take(token(2, third_), kNow));
  EXPECT_EQ(text(), second_ring_);
  EXPECT_TRUE(ring_->take(token(2, second_ring_), kNow)) << "it is the same";
  EXPECT_EQ(ring_->problem(), "");
  EXPECT_EQ(ring_->sealed().generation, 2U);
}

// As before it joined: the ring was copied to all machines by other means.
TEST_F(KeptRingTest, AcceptsTheRingThatItHas) {
  write_text(path_, first_);
  EXPECT_FALSE(ring_->take(token(1, second_ring_), kNow));
  EXPECT_TRUE(ring_->take(token(1, first_), kNow));
}

TEST_F(KeptRingTest, WritesAgainWhatIsGoneOrDamaged) {
  ASSERT_TRUE(ring_->take(token(1, first_), kNow));
  std::filesystem::remove(path_);
  look();
  EXPECT_EQ(text(), first_);
  for (const std::string& damaged : {std::string(), first_.substr(0, first_.size() / 2)}) {
    write_text(path_, damaged);
    look();
    EXPECT_EQ(text(), first_);
  }
  look();
  EXPECT_EQ(ring_->problem(), "");
}

// Standard error for its life: a pipe that is full, in which the next line of the log has to wait.
class FullLog {
 public:
  FullLog() : stderr_(dup(STDERR_FILENO)) {
    EXPECT_EQ(pipe2(pipe_.data(), O_NONBLOCK), 0);
    const std::string filling(4096, '.');
    while (write(pipe_[1], filling.data(), filling.size()) > 0) {
    }
    EXPECT_EQ(fcntl(pipe_[1], F_SETFL, 0), 0);
    dup2(pipe_[1], STDERR_FILENO);
  }
  FullLog(const FullLog&) = delete;
  FullLog& operator=(const FullLog&) = delete;
  ~FullLog() {
    dup2(stderr_, STDERR_FILENO);
    for (const int file : {stderr_, pipe_[0], pipe_[1]}) close(file);
  }
  void empty() {
    std::string lines(4096, '.');
    while (read(pipe_[0], lines.data(), lines.size()) > 0) {
    }
  }

 private:
  int stderr_;
  std::array<int, 2> pipe_{};
};

TEST_F(KeptRingTest, NoticesDamageInTheMomentAfterItHasWritten) {
  ASSERT_TRUE(ring_->take(token(1, first_), kNow));
  write_text(path_, "damaged");
  {
    FullLog log;
    const std::jthread other([&] {
      while (text() != first_) std::this_thread::yield();
      write_text(path_, "damaged again");
      log.empty();
    });
    look();
  }
  look();
  EXPECT_EQ(text(), first_);
}

TEST_F(KeptRingTest, ReportsAFileThatServersDoNotTrust) {
  ASSERT_TRUE(ring_->take(token(1, first_), kNow));
  std::filesystem::permissions(path_, std::filesystem::perms(0644));
  look();
  EXPECT_NE(ring_->problem().find("chmod"), std::string::npos);
  std::filesystem::permissions(path_, std::filesystem::perms(0640));
  look();
  EXPECT_EQ(ring_->problem(), "");
}

TEST_F(KeptRingTest, ASealedRingThatDoesNotOpenIsAnError) {
  write_text(path_ + ".sealed", "s1.torn");
  const auto opened = KeptRing::open(*fleet_, path_, kNow);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message.find("session.keys.sealed"), std::string::npos);
}

TEST_F(KeptRingTest, ItsNameIsOneOfTheStore) {
  EXPECT_FALSE(KeptRing::open(*fleet_, folder_ / "a b", kNow));
  EXPECT_FALSE(KeptRing::open(*fleet_, folder_ / std::string(65, 'a'), kNow));
  EXPECT_TRUE(KeptRing::open(*fleet_, folder_ / std::string(64, 'a'), kNow));
}

}  // namespace
}  // namespace sealring::agent
