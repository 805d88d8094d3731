// SPDX-License-Identifier: Apache-2.0
// Wycheproof's JWE and JWK cases. None of them has dir with A256GCM: the valid ones are of another
// kind and are unsupported here, and the invalid ones do not open either. Their key sets must not
// be accepted as rings; one has an AES key that is marked for signatures.
#include <gtest/gtest.h>

#include "support/sealers.h"
#include "support/wycheproof.h"

namespace sealring {
namespace {

// A ring with a key that has the name of the case's key.
std::unique_ptr<Sealer> sealer_for(const nlohmann::json& group) {
  Key key = a256gcm_key();
  key.kid = group.at("private").value("kid", key.kid);
  return sealer_of({key});
}

TEST(JweWycheproof, NothingOfAnotherKindOpens) {
  const auto file = read_wycheproof("json_web_encryption_test.json");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  std::size_t valid = 0, invalid = 0;
  for (const auto& group : file->at("testGroups")) {
    const auto sealer = sealer_for(group);
    for (const auto& test : group.at("tests")) {
      const std::string found = reason_of(*sealer, test.at("jwe").get<std::string>());
      if (test.at("result") == "valid") {
        ++valid;
        EXPECT_EQ(found, "unsupported") << test.at("tcId");
      } else {
        ++invalid;
        EXPECT_TRUE(found == "unsupported" || found == "malformed") << test.at("tcId") << found;
      }
    }
  }
  EXPECT_GT(valid, 50U);
  EXPECT_GT(invalid, 50U);
}

TEST(JweWycheproof, NoKeySetOfTheirsIsARing) {
  const auto file = read_wycheproof("json_web_key_test.json");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  std::size_t aes_keys = 0;
  for (const auto& group : file->at("testGroups")) {
    nlohmann::json set = group.at("private");
    EXPECT_FALSE(parse_jwk_set(tested_driver(), set.dump())) << group.at("tests").at(0).at("tcId");
    nlohmann::json& key = set.at("keys").at(0);
    if (key.value("alg", "") != "A256GCM") continue;
    ++aes_keys;
    key["use"] = "enc";  // with another use it is accepted
    EXPECT_TRUE(parse_jwk_set(tested_driver(), set.dump()));
  }
  EXPECT_EQ(aes_keys, 1U);
}

}  // namespace
}  // namespace sealring
