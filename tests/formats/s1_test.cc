// SPDX-License-Identifier: Apache-2.0
// How often s1 derives keys and sets them in GCM. tests/token covers what it opens and refuses.
#include <gtest/gtest.h>

#include <set>

#include "support/sealers.h"

namespace sealring {
namespace {

std::string prefix_of(const std::string& token) {
  return token.substr(11, 16);
}

TEST(S1, DerivesOncePerPrefixAndRenewsIt) {
  ObservedDriver driver;
  const auto sealer = sealer_of({xaes_key()}, driver);
  std::set<std::string> prefixes;
  for (int i = 0; i < (1 << 12); ++i) prefixes.insert(prefix_of(seal(*sealer, "p")));
  EXPECT_EQ(prefixes.size(), 1U);
  EXPECT_EQ(driver.observed.count(Call::gcm_set_key), 1U);
  prefixes.insert(prefix_of(seal(*sealer, "p")));
  EXPECT_EQ(prefixes.size(), 2U);
  EXPECT_EQ(driver.observed.count(Call::gcm_set_key), 2U);
  EXPECT_EQ(driver.observed.count(Call::block_set_key), 1U) << "the ring's key is the same";
}

TEST(S1, OpensACachedPrefixWithoutDeriving) {
  ObservedDriver driver;
  const auto sealer = sealer_of({xaes_key()}, driver);
  const std::string first = seal(*sealer, "first"), second = seal(*sealer, "second");
  driver.observed.reset();
  EXPECT_TRUE(open(*sealer, first).opened);
  EXPECT_EQ(driver.observed.count(Call::gcm_set_key), 1U);
  EXPECT_TRUE(open(*sealer, second).opened);
  EXPECT_TRUE(open(*sealer, first).opened);
  EXPECT_EQ(driver.observed.count(Call::gcm_set_key), 1U);
}

TEST(S1, ForgedTokensEvictNothing) {
  ObservedDriver driver;
  const auto sealer = sealer_of({xaes_key()}, driver);
  const std::string token = seal(*sealer, "payload");
  ASSERT_TRUE(open(*sealer, token).opened);
  for (char c = 'A'; c <= 'Z'; ++c) {  // fills all places of the cache
    for (const char d : {'A', 'Q', 'g', 'w'}) {
      std::string forged = token;
      forged[11] = c;
      forged[12] = d;
      if (forged != token) {
        EXPECT_FALSE(open(*sealer, forged).opened);
      }
    }
  }
  std::string other_prefix = token;  // the same place, another prefix
  other_prefix[20] = other_prefix[20] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(open(*sealer, other_prefix).opened);
  driver.observed.reset();
  EXPECT_TRUE(open(*sealer, token).opened);
  EXPECT_EQ(driver.observed.count(Call::gcm_set_key), 0U);
}

TEST(S1, ForgetsWhenTheRingChanges) {
  RandomPool pool = RandomPool::make(tested_driver()).value();
  ObservedDriver driver;
  const auto format = kS1.make(driver, pool).value();
  const Key key = xaes_key();
  std::vector<std::uint8_t> token(kS1.sealed_size(1)), again(token.size());
  ASSERT_TRUE(format->seal(key, {}, {}, as_bytes("p"), token));
  driver.observed.reset();
  format->forget();
  ASSERT_TRUE(format->seal(key, {}, {}, as_bytes("p"), again));
  EXPECT_NE(prefix_of(std::string(as_text(token))), prefix_of(std::string(as_text(again))));
  std::vector<std::uint8_t> buffer(kS1.opened_size(token.size()));
  const auto parsed = kS1.parse(token, buffer).value();
  driver.observed.reset();
  EXPECT_TRUE(format->open(key, parsed, {}, buffer));
  EXPECT_GE(driver.observed.count(Call::gcm_set_key), 1U);
}

// A sealer checks the prefix to find the format; the format does not rely on that.
TEST(S1, ParsesNoOtherPrefix) {
  std::string token = seal(*sealer_of({xaes_key()}), "payload");
  std::vector<std::uint8_t> buffer(kS1.opened_size(token.size()));
  ASSERT_TRUE(kS1.parse(as_bytes(token), buffer));
  token[1] = '2';
  EXPECT_EQ(kS1.parse(as_bytes(token), buffer).error().reason, Error::malformed);
}

TEST(S1, DerivesFromTheKeyThatATokenNames) {
  const Key keys[] = {xaes_key(1), xaes_key(2)};
  std::vector<std::string> tokens;
  for (int i = 0; i < 20; ++i) tokens.push_back(seal(*sealer_of({keys[i % 2]}), "payload"));
  const auto sealer = sealer_of({keys[0], keys[1]});
  for (const std::string& token : tokens) EXPECT_TRUE(open(*sealer, token).opened);
}

TEST(S1, ManyPrefixesAllOpen) {
  const Key key = xaes_key();
  std::vector<std::string> tokens;
  for (int i = 0; i < 300; ++i) tokens.push_back(seal(*sealer_of({key}), std::to_string(i)));
  const auto sealer = sealer_of({key});
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      EXPECT_EQ(open(*sealer, tokens[i]).payload, std::to_string(i));
    }
  }
}

}  // namespace
}  // namespace sealring
