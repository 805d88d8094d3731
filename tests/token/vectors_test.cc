// SPDX-License-Identifier: Apache-2.0
// All token cases of spec/vectors are opened, and sealed again if the case gives the random bytes.
#include "support/vectors.h"

#include <algorithm>
#include <fstream>

#include "base/base64.h"
#include "support/sealers.h"

namespace sealring {
namespace {

class TokenVectors : public ::testing::TestWithParam<std::string> {};

std::string token_of(const nlohmann::json& test) {
  if (test.contains("token")) return test.at("token");
  const auto bytes = from_hex(test.at("token_hex").get<std::string>());
  return {bytes.begin(), bytes.end()};
}

std::vector<Key> keys_of(const nlohmann::json& test) {
  return parse_jwk_set(tested_driver(), test.at("keyring").dump()).value();
}

TEST_P(TokenVectors, Opens) {
  const auto test = read_vector(GetParam());
  const auto sealer = sealer_of(keys_of(test));
  const std::string token = token_of(test), context = test.at("context");
  const std::string expected = test.at("expect");
  EXPECT_EQ(reason_of(*sealer, token, context, test.at("now")), expected);
  const Outcome outcome = open(*sealer, token, context, test.at("now"));
  if (test.contains("kid")) {
    EXPECT_EQ(outcome.kid, test.at("kid").get<std::string>());
  }
  if (expected == "ok") {
    EXPECT_EQ(to_hex(as_bytes(outcome.payload)), test.at("payload_hex").get<std::string>());
    EXPECT_EQ(outcome.times.issued_at, test.at("issued_at"));
    EXPECT_EQ(outcome.times.expires_at, test.at("expires_at"));
    EXPECT_EQ(outcome.id, test.value("id", ""));
  }
}

// A sealer parses a token before it asks whether the format recognises it.
TEST_P(TokenVectors, IsRecognisedByWhatParsesIt) {
  const std::string input = token_of(read_vector(GetParam()));
  for (const FormatRow* row : formats()) {
    const Bytes token = row->token_in(as_bytes(input));
    std::vector<std::uint8_t> room(row->opened_size(token.size()));
    if (row->parse(token, room)) {
      EXPECT_TRUE(row->recognises(token)) << row->name;
    }
  }
}

class SealedVectors : public TokenVectors {};

TEST_P(SealedVectors, SealToTheSameBytes) {
  const auto test = read_vector(GetParam());
  ObservedDriver driver;
  for (const char* const drawn : {"nonce_hex", "salt_hex", "iv_hex"}) {
    if (test.contains(drawn)) driver.give_random(from_hex(test.at(drawn).get<std::string>()));
  }
  const auto sealer = sealer_of(keys_of(test), driver);
  const auto payload = from_hex(test.at("payload_hex").get<std::string>());
  EXPECT_EQ(seal(*sealer, as_text(payload), test.at("context").get<std::string>(),
                 test.at("seal_now"), test.at("lifetime")),
            token_of(test));
}

const std::vector<std::string> kNames =
    vector_names({"s1_", "jwe_", "nginx_legacy_", "apache_legacy_", "mixed_ring_"});

// The cases that a sealer reproduces if it gets the same random bytes.
std::vector<std::string> sealed_names() {
  std::vector<std::string> names;
  std::ranges::copy_if(kNames, std::back_inserter(names), [](const std::string& name) {
    return read_vector(name).value("seal", false);
  });
  return names;
}

INSTANTIATE_TEST_SUITE_P(Spec, TokenVectors, ::testing::ValuesIn(kNames), vector_test_name);
INSTANTIATE_TEST_SUITE_P(Spec, SealedVectors, ::testing::ValuesIn(sealed_names()),
                         vector_test_name);

// Tokens of the original module in a running nginx, in both directions.
TEST(NginxLegacyTokens, OfTheOriginalModule) {
  std::ifstream file(SEALRING_SHARED_VECTORS "/nginx-legacy.jsonl");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    SCOPED_TRACE(line);
    const auto test = nlohmann::json::parse(line);
    const auto secret = from_hex(test.at("key_hex").get<std::string>());
    const auto iv = from_hex(test.at("iv_hex").get<std::string>());
    const auto plaintext = from_hex(test.at("plaintext_hex").get<std::string>());
    const auto token = from_hex(test.at("token_hex").get<std::string>());
    const std::uint64_t expires_at = test.at("expires");
    Key key = legacy_key(0, as_text(iv));
    key.secret.assign(secret.begin(), secret.end());
    const auto sealer = sealer_of({key});

    const std::int64_t now = expires_at == 0 ? kNow : static_cast<std::int64_t>(expires_at) - 10;
    EXPECT_EQ(as_text(token), seal(*sealer, as_text(plaintext), "", now, expires_at == 0 ? 0 : 10));
    const Outcome outcome = open(*sealer, as_text(token), "", now);
    EXPECT_TRUE(outcome.opened);
    EXPECT_EQ(outcome.payload, as_text(plaintext));
    EXPECT_EQ(outcome.times.expires_at, expires_at);
  }
  EXPECT_GT(count, 100U);
}

// Cookies of Apache's own mod_session_crypto, in both directions.
TEST(ApacheLegacyTokens, OfTheOriginalModule) {
  std::ifstream file(SEALRING_SHARED_VECTORS "/apache-legacy.jsonl");
  if (!file) GTEST_SKIP() << "no vectors beside the checkout";
  std::size_t count = 0;
  for (std::string line; std::getline(file, line); ++count) {
    SCOPED_TRACE(line);
    const auto test = nlohmann::json::parse(line);
    const std::string cipher = test.at("cipher"), cookie = test.at("cookie_value");
    const std::string plaintext = test.at("plaintext");
    const Algorithm algorithm = find_algorithm("apache-" + cipher)->algorithm;
    std::vector<Key> keys;
    for (const std::string passphrase : test.at("passphrases")) {
      keys.push_back(apache_key(algorithm, passphrase));
      if (keys.size() > 1) keys.back() = open_only(keys.back());
    }
    ObservedDriver driver;
    const auto sealer = sealer_of(keys, driver);
    EXPECT_EQ(open(*sealer, cookie).payload, plaintext);

    // Sealed again with the cookie's salt and IV, which follow its MAC.
    std::vector<std::uint8_t> binary(base64::decoded_size(cookie.size()));
    binary.resize(base64::decode(cookie, binary).value());
    const Bytes drawn = Bytes(binary).subspan(8, cipher == "3des192" ? 16 + 8 : 16 + 16);
    driver.give_random(drawn);
    EXPECT_EQ(seal(*sealer_of(keys, driver), plaintext), cookie);
  }
  EXPECT_GT(count, 50U);
}

}  // namespace
}  // namespace sealring
