// SPDX-License-Identifier: Apache-2.0
// The detail of a refusal: what exactly is wrong with the token.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/base64url.h"
#include "support/sealers.h"
#include "support/vectors.h"
#include "token/inspect.h"

namespace sealring {
namespace {

// As a backend might make it.
std::string jwe(const Key& key, std::string_view header_json, std::string_view claims) {
  const std::string header = base64url::encode(as_bytes(header_json));
  std::vector<std::uint8_t> body(claims.begin(), claims.end());
  std::array<std::uint8_t, 12> iv{};
  std::array<std::uint8_t, 16> tag;
  const auto gcm = tested_driver().aes_256_gcm().value();
  gcm->set_key(std::span<const std::uint8_t, 32>(key.secret)).value();
  gcm->encrypt_in_place(iv, as_bytes(header), body, tag).value();
  return header + ".." + base64url::encode(iv) + "." + base64url::encode(body) + "." +
         base64url::encode(tag);
}

constexpr std::string_view kUnnamed = R"({"alg":"dir","enc":"A256GCM"})";

std::string detail_of(std::vector<Key> keys, std::string_view token) {
  const auto sealer = sealer_of(std::move(keys));
  return open(*sealer, token).detail;
}

TEST(Details, SayWhatIsWrongWithClaims) {
  const Key key = a256gcm_key();
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"exp":"1800003600"})", "exp is not a number"},
      {R"({"iat":null})", "iat is not a number"},
      {R"({"nbf":[]})", "nbf is not a number"},
      {R"({"payload":1})", "payload is neither text nor an object nor an array"},
      {R"({"payload_b64":{}})", "payload_b64 is not text"},
      {R"({"payload_b64":"cA=="})", "payload_b64 is not base64url"},
      {R"({"payload":"","payload_b64":""})", "it has both payload and payload_b64"},
      {R"({"jti":7})", "jti is not text"},
      {R"({"aud":1})", "aud is neither text nor an array"},
      {R"({"aud":[1]})", "aud contains something other than text"},
      {R"({"aud":"x"})", "its aud is not the context that was expected"},
      {R"({"x":1,"x":1})", "it has two claims of one name"},
      {"user=alice", "what it encrypts is not a JSON object of at most 16 levels"},
  };
  for (const auto& [claims, detail] : cases) {
    EXPECT_EQ(detail_of({key}, jwe(key, kUnnamed, claims)), detail) << claims;
  }
  const auto sealer = sealer_of({key});
  EXPECT_EQ(open(*sealer, jwe(key, kUnnamed, "{}"), "session").detail,
            "it is for no context: it has no aud");
}

TEST(Details, SayWhatIsWrongWithAHeader) {
  const Key key = a256gcm_key();
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({"alg":"dir","enc":"A256GCM","kid":7})", "its kid is not text"},
      {R"({"alg":"A256KW","enc":"A256GCM"})", "its alg is not dir"},
      {R"({"alg":"dir","enc":"A128GCM"})", "its enc is not A256GCM"},
      {R"({"alg":"dir","enc":"A256GCM","zip":"DEF"})",
       "it is compressed: its header has the member zip"},
      {R"({"alg":"dir","enc":"A256GCM","crit":[]})", "its header has the member crit"},
      {R"({"alg":"dir","enc":"A256GCM","enc":1})", "its header has two members of one name"},
      {R"({"enc":"A256GCM","kid":"a"})", "its header has no alg, or one that is not text"},
      {R"({"alg":"dir","kid":"abcdefgh"})", "its header has no enc, or one that is not text"},
      {R"(["alg","dir","enc"])", "its header is not a JSON object of at most 16 levels"},
  };
  for (const auto& [header, detail] : cases) {
    EXPECT_EQ(detail_of({key}, jwe(key, header, "{}")), detail) << header;
  }
}

TEST(Details, SayWhyNoKeyIsFound) {
  const Key key = a256gcm_key(1), other = a256gcm_key(2);
  const std::string unnamed = jwe(key, kUnnamed, "{}");
  EXPECT_EQ(detail_of({key, other}, unnamed),
            "it names no key (its header has no kid), and several of the ring open JWEs");
  EXPECT_EQ(detail_of({opening_until(key, kNow)}, unnamed),
            "it names no key, and no key of the ring opens a JWE now");
  EXPECT_EQ(detail_of({xaes_key()}, unnamed), "it is a JWE, and the key ring has no A256GCM key");
  EXPECT_EQ(detail_of({key}, seal(*sealer_of({xaes_key()}), "p")),
            "it is an s1 token, and the key ring has no XAES-256-GCM key");
  const std::string old = seal(*sealer_of({legacy_key()}), "p");
  EXPECT_EQ(detail_of({key, opening_until(legacy_key(), kNow)}, old),
            "every key of the ring for this old format is past its open_until");
}

TEST(Details, OfInspecting) {
  const std::string token = jwe(a256gcm_key(), R"({"alg":"A256KW","enc":"A256GCM"})", "{}");
  const auto seen = inspect(as_bytes(token));
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().reason, Error::unsupported);
  EXPECT_STREQ(seen.error().detail, "its alg is not dir");
}

// Every JWE that is malformed or of another kind has a detail.
TEST(Details, OfAllVectors) {
  for (const std::string& name : vector_names({"jwe_"})) {
    const auto test = read_vector(name);
    const std::string expected = test.at("expect"), token = test.at("token");
    if (expected != "malformed" && expected != "unsupported") continue;
    if (!kJwe.recognises(as_bytes(token))) continue;
    const auto sealer =
        sealer_of(parse_jwk_set(tested_driver(), test.at("keyring").dump()).value());
    const Outcome outcome = open(*sealer, token, test.at("context").get<std::string>());
    EXPECT_NE(outcome.detail, "") << name;
  }
}

// Sealing and opening both return the ID, and for s1 it can be read without a key.
TEST(TokenIds, AreTheSameWhereverTheyAreTold) {
  for (const Key& key : {xaes_key(), a256gcm_key(), legacy_key(), apache_key()}) {
    const auto sealer = sealer_of({key});
    std::vector<std::uint8_t> out(sealer->sealed_size(7));
    const auto sealed = sealer->seal(kNow, 60, {}, as_bytes("payload"), out);
    ASSERT_TRUE(sealed);
    const std::string token(as_text(Bytes(out).first(sealed->size)));
    const FormatId format = row(key.algorithm).format;
    const std::size_t size = format == FormatId::s1 ? 32U : format == FormatId::jwe ? 16U : 0U;
    EXPECT_EQ(sealed->id.size(), size);
    EXPECT_EQ(sealed->kid, key.kid);
    EXPECT_EQ(sealed->expires_at, format == FormatId::apache_legacy ? 0U : kNow + 60U);
    EXPECT_EQ(open(*sealer, token).id, sealed->id);
    if (size == 0) continue;
    EXPECT_EQ(inspect(as_bytes(token))->id, format == FormatId::s1 ? sealed->id : "");
  }
}

TEST(TokenIds, DifferFromTokenToToken) {
  const auto sealer = sealer_of({xaes_key()});
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(open(*sealer, seal(*sealer, "p")).id);
  EXPECT_EQ(ids.size(), 100U);
}

}  // namespace
}  // namespace sealring
