// SPDX-License-Identifier: Apache-2.0
#include "keys/key.h"

#include <gtest/gtest.h>

namespace sealring {
namespace {

TEST(Algorithm, EachHasItsRow) {
  for (const AlgorithmRow& algorithm : kAlgorithms) {
    EXPECT_EQ(&row(algorithm.algorithm), &algorithm);
    EXPECT_EQ(find_algorithm(algorithm.name), &algorithm);
    EXPECT_LT(static_cast<std::size_t>(algorithm.format), kFormatCount);
  }
}

TEST(Algorithm, NamesAreTakenLiterally) {
  for (const std::string_view name :
       {"", "xaes-256-gcm", "XAES-256-GC", "XAES-256-GCM ", "A128GCM", "dir", "none"}) {
    EXPECT_EQ(find_algorithm(name), nullptr) << name;
  }
}

TEST(Key, OpensBeforeOpenUntil) {
  Key key;
  EXPECT_TRUE(key.opens_at(0));
  EXPECT_TRUE(key.opens_at(INT64_MAX));
  key.open_until = 100;
  EXPECT_TRUE(key.opens_at(99));
  EXPECT_FALSE(key.opens_at(100));
  EXPECT_FALSE(key.opens_at(101));
}

TEST(Key, OpensBeforeItSeals) {
  Key key;
  key.seal_from = 100;
  EXPECT_TRUE(key.opens_at(99));
  EXPECT_FALSE(key.seals_at(99));
}

TEST(Key, SealsFromSealFromOnWhileItOpens) {
  Key key;
  EXPECT_TRUE(key.seals_at(0));
  key.seal_from = 100;
  key.open_until = 200;
  EXPECT_FALSE(key.seals_at(99));
  EXPECT_TRUE(key.seals_at(100));
  EXPECT_TRUE(key.seals_at(199));
  EXPECT_FALSE(key.seals_at(200));
  key.may_seal = false;
  EXPECT_FALSE(key.seals_at(150));
  EXPECT_TRUE(key.opens_at(150));
}

}  // namespace
}  // namespace sealring
