// SPDX-License-Identifier: Apache-2.0
// One JWK as a text of its own: parse_jwk() of keys/jwk_set.h. What is within a JWK is for the
// tests of key rings.
#include <gtest/gtest.h>

#include "keys/jwk_set.h"
#include "support/keys.h"

namespace sealring {
namespace {

constexpr std::string_view kSecret = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

std::string jwk_of(std::string_view members) {
  return R"({"k":")" + std::string(kSecret) + "\"," + std::string(members) + '}';
}

Explained<Key> parse(std::string_view text, std::string_view algorithm = "") {
  return parse_jwk(tested_driver(), text, algorithm.empty() ? nullptr : find_algorithm(algorithm));
}

// The message with which a text is refused.
std::string refusal(std::string_view text, std::string_view algorithm = "") {
  const auto key = parse(text, algorithm);
  if (key) return "";
  EXPECT_EQ(key.error().error, Error::invalid_keyring);
  EXPECT_EQ(key.error().message.find(kSecret.substr(0, 10)), std::string::npos);
  return key.error().message;
}

bool says(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

TEST(Jwk, IsAKeyAsInASet) {
  for (const Key& key : {xaes_key(), a256gcm_key(), open_only(opening_until(legacy_key(), 9))}) {
    const std::string set = ring_text({key});
    const std::size_t first = set.find('{', 1);
    const auto read = parse(std::string_view(set).substr(first, set.rfind(']') - first));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(ring_text({*read}), set);
  }
}

TEST(Jwk, AGivenAlgorithmIsInThePlaceOfItsOwn) {
  const std::string jwk = jwk_of(R"("kty":"oct","alg":"dir","kid":"there")");
  EXPECT_TRUE(says(refusal(jwk), R"("alg" is "dir", and sealring has no use for such a key)"));
  const auto key = parse(jwk, "A256GCM");
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->algorithm, Algorithm::a256gcm);
  EXPECT_EQ(key->kid, "there");

  EXPECT_EQ(refusal(jwk_of(R"("kty":"oct")")), R"(it has no "alg")");
  EXPECT_EQ(parse(jwk_of(R"("kty":"oct")"), "XAES-256-GCM").value().kid, xaes_key(0).kid);
  EXPECT_TRUE(parse(jwk_of(R"("kty":"oct","alg":7)"), "A256GCM")) << "it does not matter";
}

TEST(Jwk, OfAnotherProgramIsRefusedWithItsReason) {
  EXPECT_TRUE(says(refusal(R"({"kty":"RSA","n":"AQAB"})"), R"("kty" is "RSA")"));
  EXPECT_TRUE(says(refusal(R"({"kty":"RSA","n":"AQAB"})", "A256GCM"), R"("kty" is "RSA")"));
  EXPECT_TRUE(says(refusal(jwk_of(R"("kty":"oct","use":"sig")"), "A256GCM"), R"("use" is "sig")"));
  EXPECT_TRUE(says(refusal(R"({"kty":"oct","alg":")" + std::string(kSecret) + "\"}"), "another"));
  EXPECT_TRUE(says(refusal(jwk_of(R"("kty":"oct","kty":"RSA")"), "A256GCM"), "there twice"));
}

TEST(Jwk, IsOneObjectAndNoSet) {
  const std::string set = ring_text({xaes_key()});
  EXPECT_EQ(refusal(set), "it is not a JWK: a JSON object that is one key");
  EXPECT_EQ(refusal(set, "A256GCM"), refusal(set));
  for (const std::string_view text : {"[]", "null", "7", R"("oct")"}) {
    EXPECT_EQ(refusal(text), refusal(set)) << text;
  }
}

TEST(Jwk, IsBoundedAndWhole) {
  std::string jwk = jwk_of(R"("kty":"oct","alg":"A256GCM")");
  EXPECT_TRUE(says(refusal(jwk + jwk), "not JSON"));
  EXPECT_TRUE(says(refusal(jwk.substr(0, jwk.size() - 1)), "not JSON"));
  EXPECT_TRUE(says(refusal(""), "not JSON"));
  EXPECT_TRUE(says(refusal("\xef\xbb\xbf" + jwk), "byte order mark"));
  jwk.resize(kMaxKeyringFileSize, ' ');
  EXPECT_EQ(refusal(jwk), "");
  EXPECT_TRUE(says(refusal(jwk + ' '), "1 MiB"));
}

}  // namespace
}  // namespace sealring
