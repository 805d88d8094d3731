// SPDX-License-Identifier: Apache-2.0
#include "token/sealer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/base64url.h"
#include "crypto/random_pool.h"
#include "support/forked.h"
#include "support/sealers.h"
#include "token/inspect.h"

namespace sealring {
namespace {

TEST(Sealer, BindsTheContext) {
  const auto sealer = sealer_of({xaes_key()});
  const std::string token = seal(*sealer, "payload", "session");
  EXPECT_EQ(open(*sealer, token, "session").payload, "payload");
  EXPECT_EQ(reason_of(*sealer, token, "download"), "authentication_failed");
  EXPECT_EQ(reason_of(*sealer, token, ""), "authentication_failed");
  EXPECT_EQ(reason_of(*sealer, token, "session2"), "authentication_failed");
}

TEST(Sealer, ChecksTheTimes) {
  const auto sealer = sealer_of({xaes_key()});
  const std::string token = seal(*sealer, "payload", "", kNow, 100);
  EXPECT_EQ(reason_of(*sealer, token, "", kNow + 99), "ok");
  EXPECT_EQ(reason_of(*sealer, token, "", kNow + 100), "expired");
  EXPECT_EQ(reason_of(*sealer, token, "", kNow - 60), "ok");
  EXPECT_EQ(reason_of(*sealer, token, "", kNow - 61), "not_yet_valid");
  const Outcome expired = open(*sealer, token, "", kNow + 100);
  EXPECT_EQ(expired.times.issued_at, static_cast<std::uint64_t>(kNow));
  EXPECT_EQ(expired.times.expires_at, static_cast<std::uint64_t>(kNow + 100));
  EXPECT_EQ(reason_of(*sealer, seal(*sealer, "", "", kNow, 0), "", kNow + (1LL << 39)), "ok");
  // A lifetime longer than a token can express ends in the year 36812.
  const Outcome longest = open(*sealer, seal(*sealer, "", "", kNow, UINT64_MAX));
  EXPECT_EQ(longest.times.expires_at, (1ULL << 40) - 1);
}

TEST(Sealer, ClosedKeysNeitherOpenNorSeal) {
  const Key key = xaes_key();
  const std::string token = seal(*sealer_of({key}), "payload");
  const auto sealer = sealer_of({opening_until(key, kNow + 10)});
  EXPECT_EQ(reason_of(*sealer, token, "", kNow + 9), "ok");
  EXPECT_EQ(reason_of(*sealer, token, "", kNow + 10), "unknown_key");
  std::vector<std::uint8_t> out(sealer->sealed_size(1));
  EXPECT_EQ(sealer->seal(kNow + 10, 0, {}, as_bytes("p"), out).error().reason,
            Error::no_primary_key);
}

// Rotation publishes a key for later, which begins to seal only because time passes. The clock also
// goes back.
TEST(Sealer, AKeySealsFromItsSecondOn) {
  const auto sealer = sealer_of({xaes_key(0), sealing_from(xaes_key(1), kNow + 10)});
  for (const auto& [after, first] :
       {std::pair{0, 0}, {9, 0}, {10, 1}, {11, 1}, {9, 0}, {10, 1}, {1'000'000, 1}}) {
    const std::string token = seal(*sealer, "payload", "", kNow + after);
    const Key key = xaes_key(static_cast<std::uint8_t>(first));
    EXPECT_EQ(inspect(as_bytes(token))->kid, key.kid) << after;
    EXPECT_EQ(reason_of(*sealer, token, "", kNow + after), "ok");
    EXPECT_EQ(reason_of(*sealer_of({key}), token, "", kNow + after), "ok");
  }
}

TEST(Sealer, SaysWhichKeyIsUnknown) {
  const auto other = sealer_of({xaes_key(7)});
  const auto sealer = sealer_of({xaes_key()});
  const Outcome outcome = open(*sealer, seal(*other, "payload"));
  EXPECT_EQ(outcome.reason, Error::unknown_key);
  EXPECT_EQ(outcome.kid, xaes_key(7).kid);
}

TEST(Sealer, OpensOldTokensBesideNewOnesUntilTheirEnd) {
  const Key old = legacy_key();
  const std::string old_token = seal(*sealer_of({old}), "payload");
  const auto sealer = sealer_of({xaes_key(), open_only(opening_until(old, kNow + 10))});
  EXPECT_TRUE(seal(*sealer, "payload").starts_with("s1."));
  EXPECT_EQ(open(*sealer, old_token, "any context").payload, "payload");
  EXPECT_EQ(reason_of(*sealer, old_token, "", kNow + 10), "unsupported");
  EXPECT_EQ(reason_of(*sealer_of({xaes_key()}), old_token), "malformed");
}

TEST(Sealer, TriesAllOldKeysInOrder) {
  const std::string token = seal(*sealer_of({legacy_key(2)}), "payload");
  EXPECT_EQ(reason_of(*sealer_of({legacy_key(1), legacy_key(2)}), token), "ok");
  EXPECT_EQ(reason_of(*sealer_of({legacy_key(1), legacy_key(3)}), token), "authentication_failed");
}

TEST(Sealer, KeepsItsBounds) {
  const auto sealer = sealer_of({xaes_key()});
  const std::string big(kMaxPayloadSize + 1, 'p'), context(kMaxContextSize + 1, 'c');
  std::vector<std::uint8_t> out(200);
  EXPECT_EQ(sealer->sealed_size(big.size()), 0U);
  EXPECT_EQ(sealer->seal(kNow, 0, {}, as_bytes(big), out).error().reason, Error::invalid_argument);
  EXPECT_EQ(sealer->seal(kNow, 0, as_bytes(context), {}, out).error().reason,
            Error::invalid_argument);
  EXPECT_EQ(sealer->seal(-1, 0, {}, {}, out).error().reason, Error::invalid_argument);
  EXPECT_EQ(open(*sealer, "s1.", context).reason, Error::invalid_argument);
  EXPECT_EQ(open(*sealer, seal(*sealer, ""), std::string(kMaxContextSize, 'c')).reason,
            Error::authentication_failed);
  const std::string endless(2 * kMaxPayloadSize + 1, 'A');
  EXPECT_EQ(reason_of(*sealer, endless), "malformed");

  const std::string token = seal(*sealer, "payload");
  const auto too_small = MutableBytes(out).first(sealer->sealed_size(7) - 1);
  EXPECT_EQ(sealer->seal(kNow, 0, {}, as_bytes("payload"), too_small).error().reason,
            Error::buffer_too_small);
  const auto opened = sealer->open(kNow, {}, as_bytes(token),
                                   MutableBytes(out).first(sealer->opened_size(token.size()) - 1));
  EXPECT_EQ(opened.error().reason, Error::buffer_too_small);
}

TEST(Sealer, LeavesNoPlaintextOfWhatItRefused) {
  const auto sealer = sealer_of({xaes_key(), open_only(legacy_key())});
  const auto old = sealer_of({legacy_key()});
  for (std::string token : {seal(*sealer, "payload", "", kNow, 1), seal(*sealer, "payload", "x"),
                            seal(*old, "payload", "", kNow, 1)}) {
    std::vector<std::uint8_t> buffer(sealer->opened_size(token.size()), 0xa5);
    ASSERT_FALSE(sealer->open(kNow + 5, {}, as_bytes(token), buffer));
    EXPECT_EQ(buffer, std::vector<std::uint8_t>(buffer.size(), 0));
  }
}

TEST(Sealer, LeavesNothingOfTheTokenBeforeOneThatLooksLikeNone) {
  const auto sealer = sealer_of({xaes_key()});
  const std::string_view token = "this looks like none";
  std::vector<std::uint8_t> buffer(sealer->opened_size(token.size()), 0xa5);
  ASSERT_FALSE(sealer->open(kNow, {}, as_bytes(token), buffer));
  EXPECT_EQ(buffer, std::vector<std::uint8_t>(buffer.size(), 0));
}

TEST(Sealer, WipesTheTokenWhenTheDriverFails) {
  for (const Call call : {Call::gcm_encrypt, Call::random, Call::block_set_key}) {
    ObservedDriver driver;
    const auto sealer = sealer_of({xaes_key()}, driver);
    std::vector<std::uint8_t> out(sealer->sealed_size(7));
    const auto seal = [&] { return sealer->seal(kNow, 0, {}, as_bytes("payload"), out); };
    driver.observed.fail(call, Error::crypto_failure);
    std::size_t sealed = 0;  // with the random bytes that were drawn before
    while (seal() && sealed < RandomPool::kCapacity) ++sealed;
    EXPECT_EQ(sealed > 0, call == Call::random);
    std::ranges::fill(out, 0xa5);
    EXPECT_EQ(seal().error().reason, Error::crypto_failure);
    EXPECT_EQ(out, std::vector<std::uint8_t>(out.size(), 0));
  }
}

std::string nonce_of(const std::string& token) {
  return token.substr(11, 32);
}

TEST(Sealer, NeverRepeatsANonceOverAFork) {
  constexpr std::size_t kTokens = 10'000;
  const auto sealer = sealer_of({xaes_key()});
  seal(*sealer, "before");  // so that children inherit a pool and keys
  const SharedArray<char> inherited(kTokens * 32);
  {
    const Child child([&] {
      for (std::size_t i = 0; i < kTokens; ++i) {
        nonce_of(seal(*sealer, "child")).copy(&inherited.span()[i * 32], 32);
      }
    });
  }
  std::set<std::string> nonces, prefixes;
  for (std::size_t i = 0; i < kTokens; ++i) {
    nonces.emplace(&inherited.span()[i * 32], 32);
    prefixes.emplace(&inherited.span()[i * 32], 16);
  }
  for (std::size_t i = 0; i < kTokens; ++i) {
    const std::string nonce = nonce_of(seal(*sealer, "parent"));
    nonces.insert(nonce);
    EXPECT_FALSE(prefixes.contains(nonce.substr(0, 16)));
  }
  EXPECT_EQ(nonces.size(), 2 * kTokens);
}

TEST(Inspect, TellsWhatAnyoneCanSee) {
  const auto sealer = sealer_of({xaes_key()});
  const auto inspected = inspect(as_bytes(seal(*sealer, "payload")));
  ASSERT_TRUE(inspected);
  EXPECT_EQ(inspected->format, "s1");
  EXPECT_EQ(inspected->kid, xaes_key().kid);
  EXPECT_EQ(inspected->payload_size, 7U);
  EXPECT_TRUE(inspect(as_bytes(seal(*sealer, "payload") + " \t")));
  EXPECT_EQ(inspect(as_bytes("s1.short")).error().reason, Error::malformed);
  EXPECT_EQ(inspect(as_bytes("noise")).error().reason, Error::malformed);
}

TEST(Sealer, RefusesATokenBeyondTheBoundBeforeReadingIt) {
  for (const Key& key : {xaes_key(), a256gcm_key(), legacy_key(), apache_key()}) {
    const auto sealer = sealer_of({key});
    // Of a size that old nginx tokens have, and in the alphabet of all other formats.
    const std::string token = "s1." + std::string(2 * kMaxPayloadSize + 13, 'A');
    EXPECT_EQ(sealer->opened_size(token.size()), 0U);
    EXPECT_EQ(reason_of(*sealer, token), "malformed");
  }
}

}  // namespace
}  // namespace sealring
