// SPDX-License-Identifier: Apache-2.0
#include "crypto/drivers.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace sealring {
namespace {

TEST(Drivers, TheDefaultIsThere) {
  const auto driver = find_driver(kDefaultDriver);
  ASSERT_TRUE(driver);
  EXPECT_EQ((*driver)->name(), kDefaultDriver);
}

TEST(Drivers, AnUnknownOneIsRefusedWithTheListOfKnownOnes) {
  for (const std::string_view name : {"", "OpenSSL", "nss", "openssl "}) {
    const auto driver = find_driver(name);
    ASSERT_FALSE(driver) << name;
    EXPECT_EQ(driver.error().error, Error::invalid_argument);
    EXPECT_NE(driver.error().message.find("there is: openssl"), std::string::npos);
  }
}

TEST(Drivers, OneServesAllThreads) {
  Driver* found[8] = {};
  {
    std::vector<std::jthread> threads;
    for (Driver*& place : found) {
      threads.emplace_back([&place] { place = find_driver(kDefaultDriver).value(); });
    }
  }
  for (const Driver* const driver : found) EXPECT_EQ(driver, found[0]);
}

TEST(Drivers, RandomBytesDiffer) {
  Driver& driver = *find_driver(kDefaultDriver).value();
  std::array<std::uint8_t, 32> first{}, second{};
  ASSERT_TRUE(driver.random(first) && driver.random(second));
  EXPECT_NE(first, second);
  EXPECT_NE(first, (std::array<std::uint8_t, 32>{}));
  EXPECT_TRUE(driver.random({}));
}

}  // namespace
}  // namespace sealring
