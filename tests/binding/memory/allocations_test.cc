// SPDX-License-Identifier: Apache-2.0
// What each request of a bound session does, and the parsing of what browsers send, allocates
// nothing.
#include <gtest/gtest.h>

#include "binding/policy.h"
#include "binding/proof.h"
#include "binding/sid_token.h"
#include "binding/structured_field.h"
#include "support/malloc.h"
#include "support/sealers.h"
#include "support/vectors.h"

namespace sealring::binding {
namespace {

constexpr std::string_view kSid = "AAECAwQFBgcICQoLDA0ODw";

TEST(Allocations, OfRequestsWithABoundCookie) {
  const auto sealer = sealer_of({xaes_key()});
  const std::string cookie = seal_sid(SidToken::bound_cookie, *sealer, kNow, 600, kSid).value();
  std::vector<std::uint8_t> buffer(sealer->opened_size(cookie.size()));
  const std::string_view tokens[] = {"x", cookie};
  for (int i = 0; i < 3; ++i) {  // the first use of a key allocates
    const std::size_t before = allocation_count();
    const auto end = bound_cookie_end(*sealer, kNow, kSid, tokens, buffer);
    const Standing found = standing(true, end.value_or(std::nullopt), kNow, {});
    const std::size_t allocated = allocation_count() - before;
    EXPECT_EQ(found, Standing::bound);
    if (i > 0) {
      EXPECT_EQ(allocated, 0U);
    }
  }
}

TEST(Allocations, OfReadingProofs) {
  const auto vector = read_vector("binding_proof_register_chromium");
  const std::string text = vector.at("proof"), value = "\"" + text + "\";a=1";
  std::vector<std::uint8_t> room(value.size()), buffer(value.size());
  const std::size_t before = allocation_count();
  const auto sent = read_sent_string(value, room);
  const auto proof = read_proof(Purpose::registration, sent.value_or(""), buffer);
  const bool has_key = proof && jws::PublicKey::from_jwk(proof->algorithm, proof->jwk);
  EXPECT_EQ(allocation_count() - before, 0U);
  EXPECT_TRUE(has_key);
}

}  // namespace
}  // namespace sealring::binding
