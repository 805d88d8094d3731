// SPDX-License-Identifier: Apache-2.0
// Each case of spec/vectors for key rings.
#include <gtest/gtest.h>

#include "support/keys.h"
#include "support/listed.h"
#include "support/vectors.h"

namespace sealring {
namespace {

Explained<std::shared_ptr<const Keyring>> read_ring(const std::string& text) {
  auto keys = parse_jwk_set(tested_driver(), text);
  if (!keys) return std::unexpected(keys.error());
  return Keyring::make(std::move(*keys));
}

class KeyringVectors : public ::testing::TestWithParam<std::string> {};

TEST_P(KeyringVectors, Load) {
  const auto vector = read_vector(GetParam());
  ASSERT_EQ(vector.at("format"), "keyring");
  const auto ring = read_ring(vector.at("keyring_text"));
  if (vector.at("expect") == "invalid_keyring") {
    ASSERT_FALSE(ring);
    EXPECT_EQ(ring.error().error, Error::invalid_keyring);
    EXPECT_NE(ring.error().message, "");
    return;
  }
  ASSERT_EQ(vector.at("expect"), "ok");
  ASSERT_TRUE(ring) << ring.error().message;
  expect_listed((*ring)->keys(), vector.at("keys"));
  for (const auto& expected : vector.at("primary")) {
    const Key* const primary = (*ring)->primary(expected.at("now"));
    if (expected.at("kid").is_null()) {
      EXPECT_EQ(primary, nullptr);
    } else {
      ASSERT_NE(primary, nullptr);
      EXPECT_EQ(primary->kid, expected.at("kid").get<std::string>());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Spec, KeyringVectors, ::testing::ValuesIn(vector_names({"keyring_"})),
                         vector_test_name);

TEST(KeyringVectorFiles, AreThere) {
  EXPECT_GT(vector_names({"keyring_"}).size(), 60U);
}

}  // namespace
}  // namespace sealring
