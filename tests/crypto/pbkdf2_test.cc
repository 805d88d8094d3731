// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "support/tested_driver.h"
#include "support/wycheproof.h"

namespace sealring {
namespace {

std::string derive(Pbkdf2HmacSha1& pbkdf2, Bytes passphrase, Bytes salt, unsigned iterations,
                   std::size_t size) {
  std::vector<std::uint8_t> key(size);
  EXPECT_TRUE(pbkdf2.derive(passphrase, salt, iterations, key));
  return to_hex(key);
}

TEST(Pbkdf2, OfRfc6070WithOneContextForAll) {
  const auto pbkdf2 = tested_driver().pbkdf2_hmac_sha1().value();
  const Bytes passphrase = as_bytes("password"), salt = as_bytes("salt");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(derive(*pbkdf2, passphrase, salt, 1, 20), "0c60c80f961f0e71f3a9b524af6012062fe037a6");
    EXPECT_EQ(derive(*pbkdf2, passphrase, salt, 4096, 20),
              "4b007901b765489abead49d926f721d065a429c1");
    EXPECT_EQ(derive(*pbkdf2, as_bytes("passwordPASSWORDpassword"),
                     as_bytes("saltSALTsaltSALTsaltSALTsaltSALTsalt"), 4096, 25),
              "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038");
  }
}

TEST(Pbkdf2, Wycheproof) {
  const auto file = read_wycheproof("pbkdf2_hmacsha1_test.json");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  const auto pbkdf2 = tested_driver().pbkdf2_hmac_sha1().value();
  std::size_t count = 0;
  for (const auto& group : file->at("testGroups")) {
    for (const auto& test : group.at("tests")) {
      SCOPED_TRACE(test.at("tcId").dump());
      const auto passphrase = hex_member(test, "password");
      const unsigned iterations = test.at("iterationCount");
      // One takes 16 million iterations; one has no passphrase, which no key ring accepts.
      if (iterations > 10'000 || passphrase.empty()) continue;
      EXPECT_EQ(derive(*pbkdf2, passphrase, hex_member(test, "salt"), iterations, test.at("dkLen")),
                test.at("dk").get<std::string>());
      ++count;
    }
  }
  EXPECT_GT(count, 50U);
}

}  // namespace
}  // namespace sealring
