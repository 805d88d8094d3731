// SPDX-License-Identifier: Apache-2.0
#include "agent/listen_address.h"

#include <gtest/gtest.h>

namespace sealring::agent {
namespace {

TEST(ListenAddress, OfThisMachine) {
  const auto path = read_listen_address("unix:/run/a b.sock");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->path, "/run/a b.sock");
  const auto ipv4 = read_listen_address("127.0.0.1:8080");
  ASSERT_TRUE(ipv4);
  EXPECT_EQ(ipv4->port, 8080);
  EXPECT_FALSE(ipv4->is_ipv6);
  const auto ipv6 = read_listen_address("[::1]:65535");
  ASSERT_TRUE(ipv6);
  EXPECT_EQ(ipv6->port, 65535);
  EXPECT_TRUE(ipv6->is_ipv6);
}

TEST(ListenAddress, OfNoOther) {
  for (const char* const text : {"",
                                 "unix:",
                                 "unix:a",
                                 "127.0.0.1",
                                 "127.0.0.1:",
                                 "127.0.0.1:0",
                                 "127.0.0.1:65536",
                                 "127.0.0.1:+1",
                                 "127.0.0.1: 1",
                                 "127.0.0.1:1 ",
                                 "127.0.0.1:0x50",
                                 "127.0.0.2:1",
                                 "0.0.0.0:80",
                                 "*:80",
                                 "80",
                                 "localhost:80",
                                 "[::]:80",
                                 "::1:80",
                                 "[::1]80",
                                 "[::1]:"}) {
    EXPECT_FALSE(read_listen_address(text)) << text;
  }
}

}  // namespace
}  // namespace sealring::agent
