// SPDX-License-Identifier: Apache-2.0
// Proofs and the keys in them. The input is a proof, or a session's key; and again, to reach what
// is within base64url, the first line is the JSON of a proof's header, and what follows that of its
// payload.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/base64url.h"
#include "binding/device_key.h"
#include "binding/proof.h"
#include "check.h"

namespace sealring::fuzz {
namespace {

using namespace binding;

// Another parser's word for what is JSON. It refuses numbers that are too large, which may pass
// here, and knows no bounds.
bool is_json_object(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  return parsed.is_object() || json.find_first_of("eE") != std::string_view::npos;
}

void check_key(const jws::PublicKey& key) {
  const std::string field = field_of(key);
  const auto again = key_in_field(field);
  check(again && field_of(*again) == field, "a key that is written is read");
  check(again->algorithm() == key.algorithm(), "it says of which kind it is");
}

void read_jwk(std::string_view json) {
  for (const jws::Algorithm algorithm : {jws::Algorithm::es256, jws::Algorithm::rs256}) {
    const auto key = jws::PublicKey::from_jwk(algorithm, json);
    if (!key) {
      check(key.error().detail != nullptr, "what is wrong with a key is said");
      continue;
    }
    check(is_json_object(json), "a key is JSON");
    check(key->algorithm() == algorithm, "a key is of the kind that was asked for");
    check_key(*key);
  }
}

void read_text(std::string_view text) {
  for (const Purpose purpose : {Purpose::registration, Purpose::refresh}) {
    std::vector<std::uint8_t> buffer(text.size());
    const auto proof = read_proof(purpose, text, buffer);
    if (!proof) {
      check(is_refusal(proof.error().reason), "a proof is to blame for its refusal");
      check(proof.error().detail != nullptr, "what is wrong with a proof is said");
      continue;
    }
    check(text.size() <= kMaxProofSize, "a proof has a bound");
    check(!proof->challenge.empty(), "a proof has a challenge");
    check(text.starts_with(as_text(proof->signed_text)), "what is signed is in front");
    check(proof->jwk.empty() == (purpose == Purpose::refresh), "a registration brings a key");
    check(proof->algorithm == jws::Algorithm::es256 ? proof->signature.size() == 64
                                                    : proof->signature.size() >= kMinRs256Size,
          "a signature has a size of its algorithm");
    if (!proof->jwk.empty()) read_jwk(proof->jwk);
  }
}

void read_parts(std::string_view input) {
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) return;
  const std::vector<std::uint8_t> signature(64);
  const std::string header = base64url::encode(as_bytes(input.substr(0, end)));
  const std::string payload = base64url::encode(as_bytes(input.substr(end + 1)));
  read_text(header + "." + payload + "." + base64url::encode(signature));
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sealring;
  const std::string_view input = as_text({data, size});
  fuzz::read_text(input);
  fuzz::read_parts(input);
  fuzz::read_jwk(input);
  if (const auto key = binding::key_in_field(input)) fuzz::check_key(*key);
  return 0;
}
