// SPDX-License-Identifier: Apache-2.0
#include "agent/fleet/sealed_ring.h"

#include <gtest/gtest.h>

#include "keys/jwk_set.h"
#include "support/sealers.h"
#include "support/vectors.h"

namespace sealring::agent {
namespace {

class SealedRingVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(SealedRingVectors, Open) {
  const auto vector = read_vector(GetParam());
  const auto fleet =
      sealer_of(parse_jwk_set(tested_driver(), vector.at("fleet_key").dump()).value());
  const std::string name = vector.at("ring"), expected = vector.at("expect");
  const auto opened =
      open_ring(*fleet, vector.at("now"), name, vector.at("sealed").get<std::string>());
  if (expected != "ok") {
    ASSERT_FALSE(opened);
    EXPECT_EQ(error_name(opened.error().error), expected) << opened.error().message;
    return;
  }
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->generation, vector.at("generation"));
  EXPECT_EQ(as_text(opened->text), vector.at("text").get<std::string>());
  EXPECT_EQ(opened->kids, vector.at("kids").get<std::vector<std::string>>());
}

INSTANTIATE_TEST_SUITE_P(Vectors, SealedRingVectors,
                         ::testing::ValuesIn(vector_names({"sealed_ring_"})), vector_test_name);

TEST(SealedRing, WhatIsSealedIsOpened) {
  const auto fleet = sealer_of({xaes_key()});
  const std::string text = ring_text({xaes_key(1), a256gcm_key(2)});
  const std::string sealed = seal_ring(*fleet, kNow, "session.keys", 9, text).value();
  const Ring ring = open_ring(*fleet, kNow, "session.keys", sealed).value();
  EXPECT_EQ(ring.generation, 9U);
  EXPECT_EQ(as_text(ring.text), text);
  EXPECT_EQ(ring.kids.size(), 2U);
  EXPECT_EQ(open(*fleet, sealed, "sealring-ring").times.expires_at, 0U);
}

// The store would have it under a format that does not protect it, or that no agent opens.
TEST(SealedRing, IsOfNoOtherFormat) {
  const std::string ring = ring_text({xaes_key(1)});
  for (const Key& key : {a256gcm_key(), legacy_key(), apache_key()}) {
    const auto fleet = sealer_of({key});
    const auto sealed = seal_ring(*fleet, kNow, "a", 1, ring);
    ASSERT_FALSE(sealed);
    EXPECT_NE(sealed.error().message.find("for another format"), std::string::npos);
  }
}

// One old token in 2^24 looks like s1, and others can make old tokens.
TEST(SealedRing, IsNotWhatOnlyLooksLikeIt) {
  const auto fleet = sealer_of({legacy_key()});
  const std::string sealed = seal(*fleet, "19518383", "", kNow, 0);
  ASSERT_TRUE(sealed.starts_with("s1."));
  const auto refused = open_ring(*fleet, kNow, "a", sealed);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::unsupported);
}

TEST(SealedRing, HasABound) {
  const auto fleet = sealer_of({xaes_key()});
  const auto refused = open_ring(*fleet, kNow, "a", std::string(kMaxSealedRingSize + 1, 'a'));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("too large"), std::string::npos);
  const std::string ring = ring_text({xaes_key(1)});
  const std::string large = ring + std::string(kMaxKeyringFileSize + 1 - ring.size(), ' ');
  EXPECT_FALSE(open_ring(*fleet, kNow, "a", seal_ring(*fleet, kNow, "a", 1, large).value()));
  EXPECT_EQ(kids_of_ring(tested_driver(), large).error().message, "it is larger than 1 MiB");
  EXPECT_TRUE(
      open_ring(*fleet, kNow, "a",
                seal_ring(*fleet, kNow, "a", 1, large.substr(0, large.size() - 1)).value()));
}

}  // namespace
}  // namespace sealring::agent
