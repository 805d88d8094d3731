// SPDX-License-Identifier: Apache-2.0
// Texts of rings that were cut or damaged.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/keys.h"
#include "support/random.h"

namespace sealring {
namespace {

std::vector<Key> ring() {
  Key named = legacy_key(0x90, "short");
  named.kid = "old-site";
  return {xaes_key(0), open_only(opening_until(named, kNow)), sealing_from(xaes_key(1), kNow)};
}

TEST(JwkSetDamage, EveryTruncationIsRefused) {
  std::string text = ring_text(ring());
  while (text.ends_with('\n')) text.pop_back();
  ASSERT_TRUE(parse_jwk_set(tested_driver(), text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    const auto keys = parse_jwk_set(tested_driver(), std::string_view(text).substr(0, size));
    ASSERT_FALSE(keys) << size;
    EXPECT_EQ(keys.error().error, Error::invalid_keyring);
  }
}

// One of: flip a bit, set, insert or delete a byte, duplicate a piece, change a digit.
void damage(std::string& text, Randomness& random) {
  const std::size_t place = random.below(text.size());
  const auto byte = static_cast<char>(random.byte());
  switch (random.below(6)) {
    case 0:
      text[place] = static_cast<char>(text[place] ^ 1 << random.below(8));
      break;
    case 1:
      text[place] = byte;
      break;
    case 2:
      text.insert(place, 1, byte);
      break;
    case 3:
      text.erase(place, 1 + random.below(5));
      break;
    case 4:
      text.insert(place, text.substr(place, 1 + random.below(60)));
      break;
    case 5:
      text[place] = "{}[],:\"0e-\\n"[random.below(12)];
      break;
  }
}

TEST(JwkSetDamage, TenThousandDamagedTextsAreRefusedOrGiveKeysWithinBounds) {
  const std::string text = ring_text(ring());
  Randomness random;
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string damaged = text;
    for (std::size_t times = 1 + random.below(3); times > 0 && !damaged.empty(); --times) {
      damage(damaged, random);
    }
    const auto keys = parse_jwk_set(tested_driver(), damaged);
    if (!keys) {
      EXPECT_EQ(keys.error().error, Error::invalid_keyring);
      continue;
    }
    ++accepted;
    for (const Key& key : *keys) {
      EXPECT_EQ(key.secret.size(), row(key.algorithm).min_secret_size);
      EXPECT_LE(key.iv.size(), row(key.algorithm).max_iv_size);
      EXPECT_LE(key.kid.size(), kMaxKidSize);
      EXPECT_TRUE(std::ranges::all_of(key.kid, [](char c) { return c > ' ' && c <= '~'; }));
      EXPECT_TRUE(key.seal_from >= 0 && key.seal_from < std::int64_t{1} << 40);
      EXPECT_TRUE(key.open_until >= 0 && key.open_until < std::int64_t{1} << 40);
      // A damaged secret of a modern key is detected, unless the kid is no longer there.
      const std::string first = xaes_key(0).kid, second = xaes_key(1).kid;
      if (key.algorithm == Algorithm::xaes_256_gcm && key.kid != first && key.kid != second) {
        EXPECT_FALSE(damaged.contains(R"("kid": ")" + first) &&
                     damaged.contains(R"("kid": ")" + second))
            << damaged;
      }
    }
  }
  EXPECT_GT(accepted, 100);
  EXPECT_LT(accepted, 5'000);
}

}  // namespace
}  // namespace sealring
