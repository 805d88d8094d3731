// SPDX-License-Identifier: Apache-2.0
// The cases of spec/vectors about header fields, proofs, the requests of a browser, and bound
// cookies.
#include <gtest/gtest.h>

#include "binding/device_key.h"
#include "binding/exchange.h"
#include "binding/policy.h"
#include "binding/sid_token.h"
#include "binding/structured_field.h"
#include "support/sealers.h"
#include "support/vectors.h"

namespace sealring::binding {
namespace {

using Buffer = std::vector<std::uint8_t>;
using nlohmann::json;

std::unique_ptr<Sealer> sealer_of_vector(const json& vector) {
  return sealer_of(parse_jwk_set(tested_driver(), vector.at("keyring").dump()).value());
}

class Vectors : public ::testing::TestWithParam<std::string> {
 protected:
  const json vector_ = read_vector(GetParam());
  const std::string expected_ = vector_.at("expect");
};

class StringVectors : public Vectors {};
class ProofVectors : public Vectors {};
class RequestVectors : public Vectors {};
class StandingVectors : public Vectors {};

TEST_P(StringVectors, Read) {
  const std::string value = vector_.at("value");
  Buffer room(value.size());
  const auto text = read_sent_string(value, room);
  EXPECT_EQ(text ? "ok" : error_name(text.error()), expected_);
  if (text) {
    EXPECT_EQ(*text, vector_.at("text").get<std::string>());
  }
}

std::optional<jws::PublicKey> key_for(const json& vector, const Proof& proof, std::string& reason) {
  if (vector.at("purpose") == "registration") {
    const auto key = jws::PublicKey::from_jwk(proof.algorithm, proof.jwk);
    if (key) return *key;
    reason = error_name(key.error().reason);
    EXPECT_NE(key.error().detail, nullptr);
    return std::nullopt;
  }
  auto key = key_in_field(vector.at("bound").get<std::string>());
  if (key && key->algorithm() == proof.algorithm) return key;
  reason = "malformed";
  return std::nullopt;
}

TEST_P(ProofVectors, Verify) {
  const std::string text = vector_.at("proof");
  const bool registers = vector_.at("purpose") == "registration";
  Buffer buffer(text.size());
  const auto proof = read_proof(registers ? Purpose::registration : Purpose::refresh, text, buffer);
  if (!proof) {
    EXPECT_EQ(error_name(proof.error().reason), expected_);
    EXPECT_NE(proof.error().detail, nullptr);
    return;
  }
  std::string reason = "ok";
  const auto key = key_for(vector_, *proof, reason);
  if (key) {
    const auto verified = key->verify(tested_driver(), proof->signed_text, proof->signature);
    if (!verified) reason = error_name(verified.error());
  }
  EXPECT_EQ(reason, expected_);
  if (expected_ != "ok") return;
  EXPECT_EQ(proof->challenge, vector_.at("challenge").get<std::string>());
  EXPECT_EQ(jws::name_of(proof->algorithm), vector_.at("algorithm").get<std::string>());
  EXPECT_EQ(field_of(*key), vector_.at("bound").get<std::string>());
}

std::string name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::registered:
      return "registered";
    case Outcome::refreshed:
      return "refreshed";
    case Outcome::challenged:
      return "challenged";
    case Outcome::refused:
      return "refused";
    case Outcome::gone:
      return "gone";
    case Outcome::forged:
      return "forged";
    case Outcome::unavailable:
      break;
  }
  return "unavailable";
}

std::optional<std::string> member(const json& vector, const char* name) {
  if (!vector.contains(name)) return std::nullopt;
  return vector.at(name).get<std::string>();
}

TEST_P(RequestVectors, Decide) {
  const auto sealer = sealer_of_vector(vector_);
  const json& given = vector_.at("session");
  const std::string sid = given.at("sid"), bound = given.at("bound"), state = given.at("state");
  const SessionState session{state == "live", state == "over", sid, bound};
  const auto id = member(vector_, "id"), proof = member(vector_, "proof");
  const SentFields sent{id, proof};
  const bool registers = vector_.at("format") == "binding-registration";
  const auto decision =
      (registers ? decide_registration : decide_refresh)(*sealer, vector_.at("now"), session, sent);
  ASSERT_TRUE(decision);
  EXPECT_EQ(name_of(decision->outcome), expected_);
  EXPECT_EQ(decision->bound, vector_.value("bound", ""));
  const bool needs_no_words =
      decision->outcome == Outcome::registered || decision->outcome == Outcome::refreshed || !proof;
  EXPECT_TRUE(needs_no_words || decision->detail != nullptr);
}

std::string name_of(Standing standing) {
  switch (standing) {
    case Standing::unbound:
      return "unbound";
    case Standing::bound:
      return "bound";
    case Standing::grace:
      return "grace";
    case Standing::refused:
      break;
  }
  return "refused";
}

TEST_P(StandingVectors, OfARequest) {
  const auto sealer = sealer_of_vector(vector_);
  const std::string sid = vector_.at("sid"), bound = vector_.at("bound");
  const auto cookies = vector_.at("cookies").get<std::vector<std::string>>();
  const std::vector<std::string_view> tokens(cookies.begin(), cookies.end());
  std::size_t size = 0;
  for (const std::string_view token : tokens) {
    size = std::max(size, sealer->opened_size(token.size()));
  }
  Buffer buffer(size);
  const std::int64_t now = vector_.at("now");
  const auto end = bound_cookie_end(*sealer, now, sid, tokens, buffer);
  ASSERT_TRUE(end);
  EXPECT_EQ(name_of(standing(!bound.empty(), *end, now, {.grace = vector_.at("grace")})),
            expected_);
}

INSTANTIATE_TEST_SUITE_P(Spec, StringVectors,
                         ::testing::ValuesIn(vector_names({"binding_string_"})), vector_test_name);
INSTANTIATE_TEST_SUITE_P(Spec, ProofVectors, ::testing::ValuesIn(vector_names({"binding_proof_"})),
                         vector_test_name);
INSTANTIATE_TEST_SUITE_P(
    Spec, RequestVectors,
    ::testing::ValuesIn(vector_names({"binding_register_", "binding_refresh_"})), vector_test_name);
INSTANTIATE_TEST_SUITE_P(Spec, StandingVectors,
                         ::testing::ValuesIn(vector_names({"binding_standing_"})),
                         vector_test_name);

}  // namespace
}  // namespace sealring::binding
