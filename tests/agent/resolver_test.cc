// SPDX-License-Identifier: Apache-2.0
#include "fleet/resolver.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

namespace sealring::agent {
namespace {

int family_of(const std::string& url) {
  const auto known = known_address(*read_store_address(url));
  return known ? known->bytes.ss_family : AF_UNSPEC;
}

TEST(Resolver, WhatIsKnownWithoutIt) {
  EXPECT_EQ(family_of("unix:/run/redis.sock"), AF_UNIX);
  EXPECT_EQ(family_of("redis://127.0.0.1"), AF_INET);
  EXPECT_EQ(family_of("rediss://[::1]:6380"), AF_INET6);
  EXPECT_EQ(family_of("redis://localhost"), AF_UNSPEC);
  const auto known = known_address(*read_store_address("redis://127.0.0.2:1234"));
  ASSERT_TRUE(known);
  const auto& address = reinterpret_cast<const sockaddr_in&>(known->bytes);
  EXPECT_EQ(ntohs(address.sin_port), 1234);
  EXPECT_EQ(ntohl(address.sin_addr.s_addr), 0x7f000002u);
}

TEST(Resolver, FindsOneAfterTheOther) {
  Loop loop;
  Resolver resolver(loop);
  int found = 0;
  const auto look_up = [&](const Resolver::Found& done) {
    ASSERT_TRUE(resolver.look_up("localhost", "6379", done));
    EXPECT_TRUE(resolver.is_busy());
  };
  look_up([&](const Addresses& first) {
    EXPECT_TRUE(first && !first->empty());
    EXPECT_FALSE(resolver.is_busy());
    look_up([&](const Addresses& second) {
      found = second && !second->empty();
      loop.stop();
    });
  });
  EXPECT_EQ(found, 0);
  ASSERT_TRUE(loop.run([] { return Milliseconds(60'000); }));
  EXPECT_EQ(found, 1);
}

TEST(Resolver, SaysWhyThereIsNone) {
  Loop loop;
  Resolver resolver(loop);
  std::string why;
  ASSERT_TRUE(resolver.look_up("localhost", "no port", [&](const Addresses& found) {
    why = found ? "" : found.error().message;
    loop.stop();
  }));
  ASSERT_TRUE(loop.run([] { return Milliseconds(60'000); }));
  EXPECT_TRUE(why.starts_with("the name \"localhost\" cannot be looked up: ")) << why;
}

TEST(Resolver, EndsBeforeItsThread) {
  Loop loop;
  for (int i = 0; i < 20; ++i) {
    Resolver resolver(loop);
    ASSERT_TRUE(resolver.look_up("localhost", "6379", [](const Addresses&) { ADD_FAILURE(); }));
  }
  const Milliseconds end = monotonic_now() + Milliseconds(200);
  ASSERT_TRUE(loop.run([&] {
    if (monotonic_now() >= end) loop.stop();
    return Milliseconds(20);
  }));
}

}  // namespace
}  // namespace sealring::agent
