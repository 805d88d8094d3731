// SPDX-License-Identifier: Apache-2.0
#include "keys/rotation.h"

#include <gtest/gtest.h>

#include <set>

#include "support/keys.h"
#include "support/listed.h"
#include "support/random.h"
#include "support/vectors.h"

namespace sealring {
namespace {

constexpr std::int64_t kHour = 3600, kDay = 24 * kHour;
constexpr Rotation kRotation = {kNow, kHour, 30 * kDay};
constexpr std::int64_t kEnd = kNow + kHour + 30 * kDay;

TEST(Rotate, AddsAKeyAndBoundsTheOthers) {
  std::vector<Key> keys = {xaes_key(0)};
  const auto kid = rotate(tested_driver(), keys, kRotation);
  ASSERT_TRUE(kid) << kid.error().message;
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].seal_from, 0);
  EXPECT_EQ(keys[0].open_until, kEnd);
  EXPECT_TRUE(keys[0].may_seal);
  EXPECT_EQ(keys[1].kid, *kid);
  EXPECT_EQ(keys[1].algorithm, Algorithm::xaes_256_gcm);
  EXPECT_EQ(keys[1].seal_from, kNow + kHour);
  EXPECT_EQ(keys[1].open_until, 0);
  EXPECT_TRUE(keys[1].may_seal);
  EXPECT_TRUE(check_key(tested_driver(), keys[1]));
}

TEST(Rotate, BringsNoEndForward) {
  std::vector<Key> keys = {opening_until(xaes_key(0), kEnd - 1), opening_until(xaes_key(1), kEnd),
                           opening_until(xaes_key(2), kEnd + 1), xaes_key(3)};
  ASSERT_TRUE(rotate(tested_driver(), keys, kRotation));
  EXPECT_EQ(keys[0].open_until, kEnd - 1);
  EXPECT_EQ(keys[1].open_until, kEnd);
  EXPECT_EQ(keys[2].open_until, kEnd);
  EXPECT_EQ(keys[3].open_until, kEnd);
}

TEST(Rotate, OpenOnlyKeysStay) {
  std::vector<Key> keys = {xaes_key(0), open_only(xaes_key(1)),
                           open_only(opening_until(legacy_key(), kEnd + kDay))};
  ASSERT_TRUE(rotate(tested_driver(), keys, kRotation));
  EXPECT_EQ(keys[1].open_until, 0);
  EXPECT_EQ(keys[2].open_until, kEnd + kDay);
}

TEST(Rotate, ALegacyOrMissingPrimaryIsFollowedByAModernKey) {
  for (const Key& old : {legacy_key(), open_only(xaes_key()), sealing_from(xaes_key(), kNow + 1),
                         opening_until(xaes_key(), kNow)}) {
    std::vector<Key> keys = {old};
    ASSERT_TRUE(rotate(tested_driver(), keys, kRotation));
    EXPECT_EQ(keys[1].algorithm, Algorithm::xaes_256_gcm);
  }
}

TEST(Rotate, AtOnceAndEndingAtOnce) {
  std::vector<Key> keys = {xaes_key(0)};
  ASSERT_TRUE(rotate(tested_driver(), keys, {kNow, 0, 1}));
  EXPECT_EQ(keys[0].open_until, kNow + 1);
  EXPECT_EQ(ring_of(keys)->primary(kNow)->kid, keys[1].kid);
}

class RotationVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(RotationVectors, Rotate) {
  const auto vector = read_vector(GetParam());
  ASSERT_EQ(vector.at("format"), "rotation");
  auto keys = parse_jwk_set(tested_driver(), vector.at("keyring_text").get<std::string>()).value();
  const std::size_t old = keys.size();
  ASSERT_TRUE(rotate(tested_driver(), keys,
                     {vector.at("now"), vector.at("activate_in"), vector.at("max_lifetime")}));
  ASSERT_EQ(keys.size(), old + 1);
  expect_listed(std::span(keys).first(old), vector.at("keys"));
  EXPECT_EQ(row(keys.back().algorithm).name, vector.at("new").at("alg").get<std::string>());
  EXPECT_EQ(keys.back().seal_from, vector.at("new").at("seal_from"));
}

INSTANTIATE_TEST_SUITE_P(Spec, RotationVectors, ::testing::ValuesIn(vector_names({"rotation_"})),
                         vector_test_name);

// At every moment there is a key that seals, and a token opens until it expires.
TEST(Rotate, NoTokenIsLostOverManyRotations) {
  Randomness random;
  std::vector<Key> keys = {xaes_key(0)};
  struct Sealed {
    std::string kid;
    std::int64_t expires_at;
  };
  std::vector<Sealed> tokens;
  std::int64_t now = kNow;
  for (int rotation = 0; rotation < 30; ++rotation) {
    ASSERT_TRUE(rotate(tested_driver(), keys, {now, kHour, kDay}));
    for (int step = 0; step < 40; ++step) {
      const auto ring = ring_of(keys);
      const Key* const primary = ring->primary(now);
      ASSERT_NE(primary, nullptr);
      tokens.push_back({primary->kid, now + static_cast<std::int64_t>(random.below(kDay)) + 1});
      now += static_cast<std::int64_t>(random.below(2 * kHour));
      std::erase_if(tokens, [now](const Sealed& token) { return now >= token.expires_at; });
      for (const Sealed& token : tokens) {
        const auto candidates = ring->candidates(FormatId::s1, token.kid);
        ASSERT_EQ(candidates.size(), 1U);
        EXPECT_TRUE(candidates[0]->opens_at(now));
      }
    }
    ASSERT_TRUE(prune(keys, now));
  }
  EXPECT_LT(keys.size(), 10U);
}

TEST(Rotate, RefusesWhatNoFileCanHold) {
  constexpr std::int64_t kLatest = (std::int64_t{1} << 40) - 1;
  for (const Rotation& rotation :
       {Rotation{kNow, kLatest, kDay}, Rotation{kNow, kHour, kLatest}, Rotation{-1, 0, kDay},
        Rotation{kNow, -1, kDay}, Rotation{kNow, kHour, -1}, Rotation{INT64_MAX, 1, 1},
        Rotation{kNow, INT64_MAX, 1}, Rotation{kNow, 1, INT64_MAX}, Rotation{INT64_MIN, 0, 0}}) {
    std::vector<Key> keys = {xaes_key(0)};
    const auto kid = rotate(tested_driver(), keys, rotation);
    ASSERT_FALSE(kid) << rotation.now << ' ' << rotation.activate_in << ' '
                      << rotation.max_lifetime;
    EXPECT_EQ(kid.error().error, Error::invalid_argument);
    EXPECT_EQ(keys.size(), 1U);
    EXPECT_EQ(keys[0].open_until, 0);
  }
}

TEST(GenerateKey, MakesAModernKeyEachTimeAnother) {
  std::set<std::string> kids;
  for (int i = 0; i < 100; ++i) {
    Key key = generate_key(tested_driver(), Algorithm::xaes_256_gcm, kNow).value();
    EXPECT_TRUE(check_key(tested_driver(), key));
    EXPECT_EQ(key.seal_from, kNow);
    EXPECT_TRUE(kids.insert(key.kid).second);
  }
}

TEST(GenerateKey, MakesNoLegacyKey) {
  const auto refused = generate_key(tested_driver(), Algorithm::nginx_legacy, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::invalid_argument);
}

TEST(GenerateKey, WithoutRandomBytesThereIsNoKey) {
  ObservedDriver driver;
  driver.observed.fail(Call::random, Error::crypto_failure);
  EXPECT_FALSE(generate_key(driver, Algorithm::xaes_256_gcm, kNow));
  EXPECT_FALSE(generate_kid(driver));
  std::vector<Key> keys = {xaes_key(0)};
  EXPECT_FALSE(rotate(driver, keys, kRotation));
  EXPECT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].open_until, 0) << "keys that end without a successor";
}

TEST(GenerateKid, LooksLikeADerivedOneAndIsRandom) {
  std::set<std::string> kids;
  for (int i = 0; i < 100; ++i) {
    const std::string kid = generate_kid(tested_driver()).value();
    EXPECT_EQ(kid.size(), 8U);
    EXPECT_TRUE(kids.insert(kid).second);
  }
}

TEST(Prune, RemovesWhatNoLongerOpens) {
  std::vector<Key> keys = {opening_until(xaes_key(0), kNow - 1), xaes_key(1),
                           opening_until(xaes_key(2), kNow), opening_until(xaes_key(3), kNow + 1),
                           open_only(opening_until(legacy_key(), kNow))};
  EXPECT_EQ(prune(keys, kNow).value(), 3U);
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].kid, xaes_key(1).kid);
  EXPECT_EQ(keys[1].kid, xaes_key(3).kid);
  EXPECT_EQ(prune(keys, kNow).value(), 0U);
}

TEST(Prune, KeepsTheLastKeyThatSeals) {
  std::vector<Key> keys = {opening_until(xaes_key(0), kNow), open_only(xaes_key(1))};
  const auto refused = prune(keys, kNow);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::no_primary_key);
  EXPECT_NE(refused.error().message.find("rotate"), std::string::npos);
  EXPECT_EQ(keys.size(), 2U);

  keys.push_back(sealing_from(xaes_key(2), kNow + kHour));
  EXPECT_EQ(prune(keys, kNow).value(), 1U);
}

}  // namespace
}  // namespace sealring
