// SPDX-License-Identifier: Apache-2.0
// The agent that is told of revocations, and lists without a sealer, by the C ABI.
#include <gtest/gtest.h>
#include <sealring/session.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/revocations.h"

namespace sealring {
namespace {

struct Agents : ::testing::Test {
  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "list";
  sealring_error error_ = SEALRING_INIT(sealring_error);
};

TEST_F(Agents, AreToldOnceThatTheyAreNotThere) {
  sealring_agent* agent = nullptr;
  ASSERT_EQ(sealring_agent_new((folder_ / "socket").c_str(), &agent, &error_), SEALRING_OK);
  EXPECT_EQ(sealring_agent_send(agent, kNow, "text", 4, &error_), SEALRING_WRITE_FAILED);
  EXPECT_STRNE(error_.message, "");
  EXPECT_EQ(sealring_agent_send(agent, kNow, "text", 4, &error_), SEALRING_WRITE_FAILED);
  EXPECT_STREQ(error_.message, "");
  sealring_agent_free(agent);
  sealring_agent_free(nullptr);
}

TEST_F(Agents, NullAndTooLongPaths) {
  sealring_agent* agent = nullptr;
  EXPECT_EQ(sealring_agent_new(nullptr, &agent, &error_), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(sealring_agent_new("x", nullptr, &error_), SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(sealring_agent_new(std::string(200, 'x').c_str(), &agent, &error_),
            SEALRING_INVALID_ARGUMENT);
  EXPECT_EQ(agent, nullptr);
  EXPECT_EQ(sealring_agent_send(nullptr, kNow, "text", 4, &error_), SEALRING_INVALID_ARGUMENT);
}

TEST_F(Agents, AListWithoutASealerIsFollowed) {
  revocation::create_list(path_);
  sealring_revocations* list = nullptr;
  ASSERT_EQ(sealring_revocations_load(path_.c_str(), &list, &error_), SEALRING_OK);
  revocation::revoke(path_, "user", "alice");
  EXPECT_EQ(sealring_revocations_refresh(list, kNow, &error_), SEALRING_OK);
  sealring_revocations_info info = SEALRING_INIT(sealring_revocations_info);
  EXPECT_EQ(sealring_revocations_describe(list, kNow, &info), SEALRING_OK);
  EXPECT_EQ(info.entries, 1u);
  unlink(path_.c_str());
  EXPECT_EQ(sealring_revocations_refresh(list, kNow + 1, &error_), SEALRING_INVALID_REVOCATIONS);
  EXPECT_EQ(sealring_revocations_refresh(list, kNow + 2, &error_), SEALRING_OK) << "said once";
  EXPECT_EQ(sealring_revocations_refresh(nullptr, kNow, &error_), SEALRING_INVALID_ARGUMENT);
  sealring_revocations_free(list);
}

TEST_F(Agents, WhoCanReadAList) {
  revocation::create_list(path_);
  const auto readable = [&] {
    return sealring_revocations_readable_by(path_.c_str(), 65534, 65534, &error_);
  };
  chmod((folder_ / "").c_str(), 0755);
  chmod(path_.c_str(), 0644);
  EXPECT_EQ(readable(), SEALRING_OK) << error_.message;
  chmod(path_.c_str(), 0600);
  EXPECT_EQ(readable(), SEALRING_INVALID_REVOCATIONS);
  EXPECT_NE(std::string(error_.message).find("cannot read it; run: chgrp"), std::string::npos);
  unlink(path_.c_str());
  EXPECT_EQ(readable(), SEALRING_INVALID_REVOCATIONS);
  EXPECT_EQ(sealring_revocations_readable_by(nullptr, 0, 0, &error_), SEALRING_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace sealring
