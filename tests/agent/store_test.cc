// SPDX-License-Identifier: Apache-2.0
#include "agent/fleet/store.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "support/temporary_folder.h"

namespace sealring::agent {
namespace {

using namespace std::chrono_literals;

const std::string kAccepts = ":1\r\n", kRefuses = "-READONLY no\r\n";

// A server at a UNIX socket that answers a login, and all else with what the test says.
class Server {
 public:
  Server(Loop& loop, std::string path)
      : loop_(loop), path_(std::move(path)), listener_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, path_.c_str(), path_.size() + 1);
    const bool listens =
        bind(listener_.get(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0 &&
        listen(listener_.get(), 9) == 0;
    EXPECT_TRUE(listens) << path_;
    loop_.watch(listener_.get(), POLLIN, [this](short) { accept_one(); });
  }

  const std::string& path() const { return path_; }

  std::string answer;

 private:
  void accept_one() {
    if (connection_.is_open()) loop_.forget(connection_.get());
    connection_ = Descriptor(accept(listener_.get(), nullptr, nullptr));
    loop_.watch(connection_.get(), POLLIN, [this](short) { answer_one(); });
  }
  void answer_one() {
    std::array<char, 1000> buffer;
    const ssize_t size = read(connection_.get(), buffer.data(), buffer.size());
    if (size <= 0) {
      loop_.forget(connection_.get());
      connection_ = Descriptor(-1);
      return;
    }
    const std::string_view asked(buffer.data(), static_cast<std::size_t>(size));
    const std::string text = asked.find("PING") != asked.npos ? "+PONG\r\n" : answer;
    EXPECT_EQ(write(connection_.get(), text.data(), text.size()), std::ssize(text));
  }

  Loop& loop_;
  const std::string path_;
  Descriptor listener_, connection_{-1};
};

class StoreTest : public testing::Test {
 protected:
  // Whenever it is connected it is asked this. The time stands still but for what the test adds.
  void changed(bool is_up) {
    if (!is_up) {
      ++lost_;
      return;
    }
    ++connected_;
    const Command command{"HSET", "k", "f", "v"};
    store_.ask(std::span(&command, 1), [this](std::span<const Reply> replies) {
      ++answered_;
      replies_.assign(replies.begin(), replies.end());
    });
  }
  void run_until(const std::function<bool(Milliseconds)>& condition) {
    ASSERT_TRUE(loop_.run([&] {
      if (condition(store_.tick(now_)) || monotonic_now() > deadline_) loop_.stop();
      return 1ms;
    }));
    ASSERT_LT(monotonic_now(), deadline_);
  }
  void run_until_answered(const std::string& answer) {
    server_.answer = answer;
    run_until([this](Milliseconds) { return answered_ == 1; });
  }

  TemporaryFolder folder_;
  Loop loop_;
  Server server_{loop_, folder_ / "store"};
  Store store_{
      loop_, {{"", "", server_.path(), false}, "", {}, {}}, [this](bool is_up) { changed(is_up); }};
  Milliseconds now_ = monotonic_now();
  const Milliseconds deadline_ = now_ + 60s;
  std::size_t connected_ = 0, lost_ = 0, answered_ = 0;
  std::vector<Reply> replies_;
};

class StoreThatIsAReplica : public StoreTest, public testing::WithParamInterface<std::string> {};

TEST_P(StoreThatIsAReplica, IsLeft) {
  run_until_answered(GetParam());
  EXPECT_TRUE(replies_.empty());
  EXPECT_FALSE(store_.is_up());
  EXPECT_EQ(lost_, 1u);
  EXPECT_EQ(store_.failures(), 1u);
  EXPECT_NE(store_.problem().find("so it is a replica"), std::string::npos) << store_.problem();
}

INSTANTIATE_TEST_SUITE_P(
    All, StoreThatIsAReplica,
    testing::Values("-READONLY You can't write against a read only replica.\r\n",
                    "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to "
                    "'no'.\r\n",
                    "*2\r\n:1\r\n-READONLY You can't write against a read only replica.\r\n",
                    "-EXECABORT Transaction discarded because of: READONLY You can't write against "
                    "a read only replica.\r\n"));

class StoreWithAnotherAnswer : public StoreTest, public testing::WithParamInterface<std::string> {};

TEST_P(StoreWithAnotherAnswer, IsKept) {
  run_until_answered(GetParam());
  EXPECT_EQ(replies_.size(), 1u);
  EXPECT_TRUE(store_.is_up());
  EXPECT_EQ(store_.problem(), "");
}

INSTANTIATE_TEST_SUITE_P(All, StoreWithAnotherAnswer,
                         testing::Values("+READONLY\r\n", "$8\r\nREADONLY\r\n",
                                         "-ERR not READONLY\r\n",
                                         "-EXECABORT Transaction discarded because of previous "
                                         "errors.\r\n"));

TEST_F(StoreTest, AReplicaIsTriedAgainLaterEachTime) {
  server_.answer = kRefuses;
  std::vector<Milliseconds> pauses;
  run_until([&](Milliseconds pause) {
    if (lost_ == pauses.size()) return false;
    pauses.push_back(pause);
    now_ += pause;
    return pauses.size() == 4;
  });
  // The first connection was to what may have been a primary, so the second is made at once.
  for (std::size_t i = 1; i < pauses.size(); ++i) {
    EXPECT_GE(pauses[i], 125ms * (1 << (i - 1)));
    EXPECT_LE(pauses[i], 250ms * (1 << (i - 1)));
  }
}

TEST_F(StoreTest, AfterAReplicaThePrimaryIsKnownByWhatItAccepts) {
  server_.answer = kRefuses;
  run_until([this](Milliseconds) {
    if (lost_ == 1 && server_.answer != kAccepts) {
      server_.answer = kAccepts;
      now_ += 250ms;
    }
    return answered_ == 2;
  });
  EXPECT_TRUE(store_.is_up());
  EXPECT_NE(store_.problem().find("replica"), std::string::npos);
  store_.tick(now_ + 4999ms);
  EXPECT_NE(store_.problem(), "");
  store_.tick(now_ + 5000ms);
  EXPECT_EQ(store_.problem(), "");
}

}  // namespace
}  // namespace sealring::agent
