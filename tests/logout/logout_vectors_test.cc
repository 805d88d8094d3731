// SPDX-License-Identifier: Apache-2.0
// The cases of spec/vectors about logout tokens and the key sets of providers.
#include "logout/logout_token.h"
#include "support/tested_driver.h"
#include "support/vectors.h"

namespace sealring::logout {
namespace {

using nlohmann::json;

class Vectors : public ::testing::TestWithParam<std::string> {
 protected:
  const json vector_ = read_vector(GetParam());
  const std::string jwk_set_ = vector_.at("jwk_set"), expected_ = vector_.at("expect");
};

class KeySetVectors : public Vectors {};
class TokenVectors : public Vectors {};

const jws::PublicKey* find(const ProviderKeys& keys, jws::Algorithm algorithm, const json& kid) {
  if (kid.is_null()) return keys.find(algorithm, std::nullopt);
  const std::string text = kid;
  return keys.find(algorithm,
                   sealring::json::Value{.kind = sealring::json::Kind::string, .text = text});
}

TEST_P(KeySetVectors, Read) {
  const auto keys = ProviderKeys::parse(jwk_set_);
  ASSERT_EQ(keys ? "ok" : error_name(keys.error().error), expected_);
  if (!keys) return;
  EXPECT_EQ(keys->size(), vector_.at("keys").get<std::size_t>());
  for (const json& lookup : vector_.at("lookups")) {
    const auto algorithm =
        lookup.at("alg") == "ES256" ? jws::Algorithm::es256 : jws::Algorithm::rs256;
    const auto* const key = find(*keys, algorithm, lookup.at("kid"));
    EXPECT_EQ(key != nullptr, lookup.at("found").get<bool>()) << lookup;
    EXPECT_TRUE(key == nullptr || key->algorithm() == algorithm);
  }
}

TEST_P(TokenVectors, Open) {
  const auto keys = ProviderKeys::parse(jwk_set_);
  ASSERT_TRUE(keys) << keys.error().message;
  const std::string token = vector_.at("token");
  std::vector<std::uint8_t> buffer(token.size());
  const auto opened =
      open_logout_token(tested_driver(), *keys, {vector_.at("issuer"), vector_.at("client")},
                        vector_.at("now"), token, buffer);
  ASSERT_EQ(opened ? "ok" : error_name(opened.error().reason), expected_);
  if (!opened) {
    EXPECT_NE(opened.error().detail, nullptr);
    return;
  }
  EXPECT_EQ(opened->jti, vector_.at("jti").get<std::string>());
  EXPECT_EQ(opened->sid, vector_.at("sid").get<std::string>());
  EXPECT_EQ(opened->sub, vector_.at("sub").get<std::string>());
  EXPECT_EQ(opened->accepted_before, vector_.at("accepted_before").get<std::int64_t>());
}

INSTANTIATE_TEST_SUITE_P(Spec, KeySetVectors, ::testing::ValuesIn(vector_names({"logout_keys_"})),
                         vector_test_name);
INSTANTIATE_TEST_SUITE_P(Spec, TokenVectors, ::testing::ValuesIn(vector_names({"logout_token_"})),
                         vector_test_name);

}  // namespace
}  // namespace sealring::logout
