// SPDX-License-Identifier: Apache-2.0
#include "revocation/agent_socket.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "support/temporary_folder.h"

namespace sealring::revocation {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

class Agent {
 public:
  explicit Agent(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  }

  // "": nothing is there.
  std::string receive() const {
    std::string text(100, '\0');
    const ssize_t size = recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

 private:
  const Descriptor socket_;
};

class AgentSocketTest : public ::testing::Test {
 protected:
  // "sent", "not sent", or what has to be logged.
  std::string send(std::int64_t now = kNow) {
    const auto sent = socket_.send(as_bytes("hello"), now);
    return !sent ? sent.error().message : *sent ? "sent" : "not sent";
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "agent";
  AgentSocket socket_ = AgentSocket::make(path_).value();
};

TEST_F(AgentSocketTest, Sends) {
  const Agent agent(path_);
  EXPECT_EQ(send(), "sent");
  EXPECT_EQ(agent.receive(), "hello");
}

TEST_F(AgentSocketTest, SaysOnceInAnOutageThatTheAgentIsNotThere) {
  for (int outage = 0; outage < 2; ++outage) {
    unlink(path_.c_str());
    EXPECT_NE(send().find("cannot be told: No such file or directory"), std::string::npos);
    EXPECT_EQ(send(), "not sent");
    const Agent agent(path_);
    EXPECT_EQ(send(), "sent");
  }
  EXPECT_NE(send().find("cannot be told: Connection refused"), std::string::npos);
}

TEST_F(AgentSocketTest, DoesNotWaitForAnAgentThatDoesNotRead) {
  const Agent agent(path_);
  while (send() == "sent") continue;
  EXPECT_EQ(send(kNow + 9), "not sent");
  EXPECT_NE(send(kNow + 10).find("it does not read"), std::string::npos);
  EXPECT_EQ(send(kNow + 20), "not sent");
  while (!agent.receive().empty()) continue;
  EXPECT_EQ(send(kNow + 30), "sent");
  while (send(kNow + 30) == "sent") continue;
  EXPECT_EQ(send(kNow + 39), "not sent");
}

TEST_F(AgentSocketTest, HasABoundedPath) {
  EXPECT_TRUE(AgentSocket::make(std::string(107, 'a')));
  for (const std::size_t size : {std::size_t{0}, std::size_t{108}}) {
    const auto refused = AgentSocket::make(std::string(size, 'a'));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().error, Error::invalid_argument);
  }
}

}  // namespace
}  // namespace sealring::revocation
