// SPDX-License-Identifier: Apache-2.0
#include "keys/thumbprint.h"

#include <gtest/gtest.h>

#include "support/hex.h"
#include "support/observed_driver.h"
#include "support/plain_base64url.h"
#include "support/random.h"

namespace sealring {
namespace {

// The example in spec/keyring.md section 3.
TEST(Thumbprint, ThatOfTheSpecification) {
  const auto secret = from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  EXPECT_EQ(derive_kid(tested_driver(), secret).value(), "WqjPPRvA");
}

TEST(Thumbprint, IsTheHashOfTheCanonicalJwk) {
  Randomness random;
  for (int i = 0; i < 1'000; ++i) {
    const auto secret = random.bytes(32);
    const std::string jwk = R"({"k":")" + plain::encode(secret) + R"(","kty":"oct"})";
    std::array<std::uint8_t, 32> hash;
    ASSERT_TRUE(tested_driver().hash_once(as_bytes(jwk), hash));
    EXPECT_EQ(derive_kid(tested_driver(), secret).value(), plain::encode(Bytes(hash).first(6)));
  }
}

TEST(Thumbprint, PassesOnThatTheDriverFailed) {
  ObservedDriver driver;
  driver.observed.fail(Call::sha_256, Error::crypto_failure);
  const auto kid = derive_kid(driver, std::vector<std::uint8_t>(32));
  ASSERT_FALSE(kid);
  EXPECT_EQ(kid.error().error, Error::crypto_failure);
}

}  // namespace
}  // namespace sealring
