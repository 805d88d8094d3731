// SPDX-License-Identifier: Apache-2.0
#include "agent/control.h"

#include <gtest/gtest.h>

namespace sealring::agent {
namespace {

std::expected<Request, std::string> read(std::string_view line) {
  return read_request(as_bytes(line));
}

TEST(Control, WhatIsWrittenIsRead) {
  RevokeRequest request{"/lists/a b.revoked", "user", "alice & bob=\n\xff", 7, 9};
  std::string line = write_request(request);
  ASSERT_EQ(line.back(), '\n');
  ASSERT_EQ(line.find('\n'), line.size() - 1);
  line.pop_back();
  const auto again = read(line);
  ASSERT_TRUE(again);
  const auto& same = std::get<RevokeRequest>(*again);
  EXPECT_EQ(same.list, request.list);
  EXPECT_EQ(same.name, request.name);
  EXPECT_EQ(same.value, request.value);
  EXPECT_EQ(same.revoked_at, 7);
  EXPECT_EQ(same.until, 9);
  EXPECT_EQ(write_request(StatusRequest{}), "do=status\n");
  EXPECT_TRUE(std::holds_alternative<StatusRequest>(*read("do=status")));
}

TEST(Control, WithoutATimeItIsNow) {
  const auto request = read("do=revoke&list=a&until=1");
  ASSERT_TRUE(request);
  EXPECT_FALSE(std::get<RevokeRequest>(*request).revoked_at);
  EXPECT_EQ(std::get<RevokeRequest>(*request).name, "") << "everything";
}

TEST(Control, OtherRequestsAreRefused) {
  for (const char* const line :
       {"", "status", "do=", "do=start", "do=status&list=a", "do=revoke", "do=revoke&list=a",
        "do=revoke&until=1", "do=revoke&list=a&until=x", "do=revoke&list=a&until=1&name=user",
        "do=revoke&list=a&until=1&value=alice", "do=revoke&list=a&until=1&revoked_at=-1",
        "do=revoke&list=a&until=1&since=1", "do=revoke&list=%zz&until=1"}) {
    EXPECT_FALSE(read(line)) << line;
  }
  EXPECT_FALSE(read("do=revoke&list=a&until=1&value=v&name=" + std::string(65, 'n')));
  EXPECT_TRUE(read("do=revoke&list=a&until=1&value=v&name=" + std::string(64, 'n')));
  EXPECT_FALSE(read("do=status" + std::string(kMaxRequestSize, '&')));
}

}  // namespace
}  // namespace sealring::agent
