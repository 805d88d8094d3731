// SPDX-License-Identifier: Apache-2.0
#include "crypto/drivers.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>
#include <vector>

namespace sealring {
namespace {

Explained<void> start(std::string_view name) {
  if (const auto found = find_driver(name); !found) return std::unexpected(found.error());
  return {};
}

TEST(Drivers, TheDefaultIsThere) {
  const auto driver = find_driver(kDefaultDriver);
  ASSERT_TRUE(driver);
  EXPECT_TRUE((*driver)->name().starts_with(kDefaultDriver));
}

constexpr std::string_view kAll =
    "; the drivers are: openssl (engine=NAME, provider=NAME)"
#ifdef SEALRING_NSS
    ", nss (dir=FOLDER, key3=PREFIX, cert7=PREFIX, secmod=FILE, noinit)"
#endif
    ;

TEST(Drivers, WhatIsNoneIsRefusedWithTheListOfAllThatThereAre) {
  constexpr std::string_view kRefused[][2] = {
      {"", "there is no crypto driver \"\""},
      {"OpenSSL", "there is no crypto driver \"OpenSSL\""},
      {"openssl ", "there is no crypto driver \"openssl \""},
      {"gnutls:engine=x", "there is no crypto driver \"gnutls\""},
      {"openssl:dir=/etc", "the crypto driver openssl has no parameter \"dir\""},
      {"openssl:,engine=x", "the crypto driver openssl has no parameter \"\""},
      {"openssl:engine", "the crypto driver openssl needs a value for \"engine\""},
      {"openssl:engine=", "the crypto driver openssl needs a value for \"engine\""},
      {"openssl:engine=a,engine=b", "the crypto driver openssl accepts \"engine\" only once"},
#ifdef SEALRING_NSS
      {"nss:noinit=1", "the crypto driver nss accepts no value for \"noinit\""},
      {"nss:provider=default", "the crypto driver nss has no parameter \"provider\""},
#endif
  };
  for (const auto& [name, message] : kRefused) {
    for (const auto& refused : {start(name), check_driver(name)}) {
      ASSERT_FALSE(refused) << name;
      EXPECT_EQ(refused.error().error, Error::invalid_argument);
      EXPECT_EQ(refused.error().message, std::string(message).append(kAll));
    }
  }
}

TEST(Drivers, OneATextAndAProcess) {
  Driver* const driver = find_driver("openssl").value();
  EXPECT_EQ(find_driver("openssl").value(), driver);
  EXPECT_NE(find_driver("openssl:provider=default").value(), driver);
}

TEST(Drivers, TheCheckSaysWhatStartingWouldSay) {
  EXPECT_TRUE(check_driver("openssl"));
  EXPECT_TRUE(check_driver("openssl:provider=default"));
  constexpr std::string_view kFail[][2] = {
      {"openssl:provider=none", "OpenSSL has no provider \"none\""},
      {"openssl:provider=base", "OpenSSL's provider \"base\" offers no AES-256-GCM"},
      {"openssl:engine=none", "OpenSSL has no engine \"none\""},
      {"openssl:engine=loader_attic", "OpenSSL's engine \"loader_attic\" has none of the ciphers"}};
  for (const auto& [name, message] : kFail) {
    for (const auto& failed : {check_driver(name), start(name)}) {
      ASSERT_FALSE(failed) << name;
      EXPECT_EQ(failed.error().error, Error::crypto_failure);
      EXPECT_TRUE(failed.error().message.starts_with(message)) << failed.error().message;
    }
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
