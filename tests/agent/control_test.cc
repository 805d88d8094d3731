// SPDX-License-Identifier: Apache-2.0
#include "agent/control.h"

#include <gtest/gtest.h>

namespace sealring::agent {
namespace {

std::expected<Request, std::string> read(std::string_view line) {
  return read_request(as_bytes(line));
}

TEST(Control, WhatIsWrittenIsRead) {
  std::string line = write_request(PublishRequest{"/rings/a b & c=\n\xff"});
  ASSERT_EQ(line.back(), '\n');
  ASSERT_EQ(line.find('\n'), line.size() - 1);
  line.pop_back();
  const auto again = read(line);
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<PublishRequest>(*again).ring, "/rings/a b & c=\n\xff");
  EXPECT_EQ(write_request(StatusRequest{}), "do=status\n");
  EXPECT_TRUE(std::holds_alternative<StatusRequest>(*read("do=status")));
}

TEST(Control, OtherRequestsAreRefused) {
  for (const char* const line : {"", "status", "do=", "do=start", "do=status&ring=a", "do=publish",
                                 "do=publish&ring=", "do=publish&list=a", "do=publish&ring=a&x=1",
                                 "do=publish&ring=%zz", "ring=a"}) {
    EXPECT_FALSE(read(line)) << line;
  }
  EXPECT_FALSE(read("do=status" + std::string(kMaxRequestSize, '&')));
}

}  // namespace
}  // namespace sealring::agent
