// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring.h"

#include <gtest/gtest.h>

#include "support/keys.h"

namespace sealring {
namespace {

// The primary key's place in the ring; -1 if there is none.
std::ptrdiff_t primary(const Keyring& ring, std::int64_t now) {
  const Key* const key = ring.primary(now);
  return key == nullptr ? -1 : key - ring.keys().data();
}

TEST(KeyringPrimary, IsTheLatestThatMayAlreadySeal) {
  const auto ring = ring_of({xaes_key(0), sealing_from(xaes_key(1), 200),
                             sealing_from(xaes_key(2), 100), sealing_from(xaes_key(3), 300)});
  EXPECT_EQ(primary(*ring, 0), 0);
  EXPECT_EQ(primary(*ring, 99), 0);
  EXPECT_EQ(primary(*ring, 100), 2);
  EXPECT_EQ(primary(*ring, 199), 2);
  EXPECT_EQ(primary(*ring, 200), 1);
  EXPECT_EQ(primary(*ring, 299), 1);
  EXPECT_EQ(primary(*ring, 300), 3);
  EXPECT_EQ(primary(*ring, INT64_MAX), 3);
}

TEST(KeyringPrimary, IsOnATieTheLaterInTheRing) {
  EXPECT_EQ(primary(*ring_of({xaes_key(0), xaes_key(1), xaes_key(2)}), kNow), 2);
  EXPECT_EQ(primary(*ring_of({sealing_from(xaes_key(2), 100), sealing_from(xaes_key(1), 100),
                              xaes_key(0)}),
                    100),
            1);
}

TEST(KeyringPrimary, OpenOnlyAndOverKeysDoNotSeal) {
  const auto ring = ring_of({opening_until(xaes_key(0), 500), open_only(xaes_key(1)),
                             opening_until(sealing_from(xaes_key(2), 100), 300)});
  EXPECT_EQ(primary(*ring, 100), 2);
  EXPECT_EQ(primary(*ring, 299), 2);
  EXPECT_EQ(primary(*ring, 300), 0);
  EXPECT_EQ(primary(*ring, 500), -1);
  EXPECT_EQ(primary(*ring_of({open_only(xaes_key())}), kNow), -1);
  EXPECT_EQ(primary(*ring_of({sealing_from(xaes_key(), 100)}), 99), -1);
}

TEST(KeyringPrimary, MayBeOfAnyAlgorithm) {
  EXPECT_EQ(primary(*ring_of({xaes_key(), legacy_key()}), kNow), 1);
  EXPECT_EQ(primary(*ring_of({xaes_key(), open_only(legacy_key())}), kNow), 0);
}

TEST(KeyringCandidates, AreTheOneThatIsNamed) {
  const auto ring = ring_of({xaes_key(0), xaes_key(1), xaes_key(2)});
  for (const Key& key : ring->keys()) {
    const auto candidates = ring->candidates(FormatId::s1, key.kid);
    ASSERT_EQ(candidates.size(), 1U);
    EXPECT_EQ(candidates[0], &key);
  }
  for (const std::string& kid :
       {std::string("AAAAAAAA"), xaes_key(0).kid.substr(0, 7), xaes_key(0).kid + "A"}) {
    EXPECT_TRUE(ring->candidates(FormatId::s1, kid).empty()) << kid;
  }
}

TEST(KeyringCandidates, AreAllOfTheFormatWhereNoneIsNamed) {
  const auto ring = ring_of({legacy_key(0x90), xaes_key(), opening_until(legacy_key(0x80), 100),
                             open_only(legacy_key(0xa0))});
  const auto candidates = ring->candidates(FormatId::nginx_legacy, {});
  ASSERT_EQ(candidates.size(), 3U);
  EXPECT_EQ(candidates[0], &ring->keys()[0]);
  EXPECT_EQ(candidates[1], &ring->keys()[2]);
  EXPECT_EQ(candidates[2], &ring->keys()[3]);
}

TEST(KeyringCandidates, AreNeverOfAnotherFormat) {
  Key legacy = legacy_key();
  legacy.kid = "old-site";
  const auto ring = ring_of({legacy, xaes_key()});
  EXPECT_TRUE(ring->candidates(FormatId::s1, "old-site").empty());
  EXPECT_TRUE(ring->candidates(FormatId::nginx_legacy, xaes_key().kid).empty());
  EXPECT_EQ(ring->candidates(FormatId::nginx_legacy, "old-site").size(), 1U);
}

TEST(Keyring, ServesTheFormatsOfItsKeysOpenOrNot) {
  const auto over = ring_of({opening_until(legacy_key(), 1)});
  EXPECT_TRUE(over->serves(FormatId::nginx_legacy));
  EXPECT_FALSE(over->serves(FormatId::s1));
  EXPECT_TRUE(ring_of({xaes_key(), legacy_key()})->serves(FormatId::s1));
}

// The message, or nothing if the ring is accepted.
std::string refusal(std::vector<Key> keys) {
  const auto ring = Keyring::make(std::move(keys));
  if (ring) return "";
  EXPECT_EQ(ring.error().error, Error::invalid_keyring);
  return ring.error().message;
}

TEST(Keyring, HoldsFromOneTo4096Keys) {
  EXPECT_NE(refusal({}).find("no key"), std::string::npos);
  std::vector<Key> keys;
  for (std::size_t i = 0; i < kMaxKeys; ++i) {
    keys.push_back(legacy_key());
    keys.back().kid = std::to_string(i);
  }
  EXPECT_EQ(refusal(keys), "");
  keys.push_back(xaes_key());
  EXPECT_NE(refusal(keys).find("prune"), std::string::npos);
}

TEST(Keyring, HasEachKidOnce) {
  EXPECT_NE(refusal({xaes_key(0), xaes_key(1), xaes_key(0)}).find(xaes_key(0).kid),
            std::string::npos);
  Key legacy = legacy_key();
  legacy.kid = xaes_key(0).kid;
  EXPECT_NE(refusal({xaes_key(0), legacy}), "");
  legacy.kid = "old-site";
  Key other = legacy_key(0x90);
  other.kid = "old-site";
  EXPECT_NE(refusal({legacy, other}), "");
}

TEST(Keyring, TakesAnyNumberOfKeysWithoutKid) {
  EXPECT_EQ(refusal({legacy_key(0x80), legacy_key(0x90)}), "");
}

TEST(Keyring, ASecretServesOneAlgorithm) {
  EXPECT_NE(refusal({xaes_key(7), legacy_key(7)}), "");
  EXPECT_NE(refusal({legacy_key(7), xaes_key(7)}), "");
  EXPECT_NE(refusal({legacy_key(7), legacy_key(7, "other"), xaes_key(8), xaes_key(7)}), "");
  EXPECT_EQ(refusal({legacy_key(7), legacy_key(7, "other"), xaes_key(8)}), "");
}

TEST(Keyring, TellsNoSecretInItsRefusals) {
  const std::string secret_in_base64url = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  EXPECT_EQ(ring_text({xaes_key(0)}).find(secret_in_base64url) == std::string::npos, false);
  EXPECT_EQ(refusal({xaes_key(0), xaes_key(0)}).find(secret_in_base64url), std::string::npos);
  EXPECT_EQ(refusal({xaes_key(0), legacy_key(0)}).find(secret_in_base64url), std::string::npos);
}

}  // namespace
}  // namespace sealring
