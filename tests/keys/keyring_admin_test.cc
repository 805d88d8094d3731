// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring_admin.h"

#include <gtest/gtest.h>

#include "keys/keyring_file.h"
#include "support/keys.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

class KeyringAdmin : public ::testing::Test {
 protected:
  void init() { ASSERT_TRUE(init_keyring_file(tested_driver(), path_, "XAES-256-GCM", kNow)); }
  std::vector<Key> keys() const { return read_keyring_file(tested_driver(), path_).value().keys; }
  Explained<std::string> add(Key key) { return add_to_keyring_file(tested_driver(), path_, key); }

  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring.jwks";
};

TEST_F(KeyringAdmin, InitMakesARingOfOneKeyThatSealsFromNowOn) {
  const auto kid = init_keyring_file(tested_driver(), path_, "XAES-256-GCM", kNow);
  ASSERT_TRUE(kid) << kid.error().message;
  ASSERT_EQ(keys().size(), 1U);
  EXPECT_EQ(keys()[0].kid, *kid);
  EXPECT_EQ(keys()[0].seal_from, kNow);
  EXPECT_EQ(ring_of(keys())->primary(kNow)->kid, *kid);
}

TEST_F(KeyringAdmin, InitRefusesWhatItCannotGenerate) {
  for (const std::string_view algorithm : {"nginx-legacy", "apache-aes256", "A128GCM", ""}) {
    const auto refused = init_keyring_file(tested_driver(), path_, algorithm, kNow);
    ASSERT_FALSE(refused) << algorithm;
    EXPECT_EQ(refused.error().error, Error::invalid_argument);
  }
  for (const std::int64_t now : {std::int64_t{-1}, std::int64_t{1} << 40}) {
    EXPECT_FALSE(init_keyring_file(tested_driver(), path_, "XAES-256-GCM", now)) << now;
  }
  EXPECT_EQ(folder_.file_count(), 0U);
}

TEST_F(KeyringAdmin, AddTellsTheKid) {
  init();
  EXPECT_EQ(add(xaes_key(0)).value(), xaes_key(0).kid);
  Key nameless = xaes_key(1);
  nameless.kid.clear();
  EXPECT_EQ(add(nameless).value(), xaes_key(1).kid);
  EXPECT_EQ(keys().size(), 3U);
}

TEST_F(KeyringAdmin, AddTakesOverOnlyFromAKeyThatSealsFromAnEarlierTime) {
  init();
  const std::string first = keys()[0].kid;
  ASSERT_TRUE(add(xaes_key(0)));
  ASSERT_TRUE(add(sealing_from(xaes_key(1), kNow - 1)));
  ASSERT_TRUE(add(sealing_from(xaes_key(2), kNow)));
  EXPECT_EQ(ring_of(keys())->primary(kNow)->kid, first);
  EXPECT_EQ(ring_of(keys())->primary(kNow - 1)->kid, xaes_key(1).kid);
  EXPECT_EQ(ring_of(keys())->primary(kNow - 2)->kid, xaes_key(0).kid);
  ASSERT_TRUE(add(legacy_key()));
  EXPECT_EQ(ring_of(keys())->primary(kNow - 2)->kid, xaes_key(0).kid);
  ASSERT_TRUE(add(sealing_from(xaes_key(3), kNow + 1)));
  EXPECT_EQ(ring_of(keys())->primary(kNow + 1)->kid, xaes_key(3).kid);
}

TEST_F(KeyringAdmin, AddGivesALegacyKeyAKidThatDoesNotFollowFromItsSecret) {
  init();
  const std::string kid = add(legacy_key(0x80)).value();
  EXPECT_EQ(kid.size(), 8U);
  EXPECT_EQ(keys().back().kid, kid);
  EXPECT_NE(add(legacy_key(0x80, "other")).value(), kid);
  Key named = legacy_key(0x90);
  named.kid = "old-site";
  EXPECT_EQ(add(named).value(), "old-site");
}

TEST_F(KeyringAdmin, AddRefusesABadOrKnownKeyAndLeavesTheFile) {
  init();
  ASSERT_TRUE(add(xaes_key(0)));
  const std::string before = read_text(path_);
  Key short_secret = legacy_key();
  short_secret.secret.resize(31);
  const auto refused = add(short_secret);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error, Error::invalid_argument);
  EXPECT_FALSE(add(xaes_key(0)));
  EXPECT_FALSE(add(sealing_from(xaes_key(1), std::int64_t{1} << 40)));
  EXPECT_EQ(read_text(path_), before);
}

TEST_F(KeyringAdmin, RotateAndPruneWriteTheFile) {
  init();
  const auto kid = rotate_keyring_file(tested_driver(), path_, {kNow, 10, 100});
  ASSERT_TRUE(kid) << kid.error().message;
  ASSERT_EQ(keys().size(), 2U);
  EXPECT_EQ(keys()[0].open_until, kNow + 110);
  EXPECT_EQ(keys()[1].kid, *kid);
  EXPECT_EQ(keys()[1].seal_from, kNow + 10);

  EXPECT_EQ(prune_keyring_file(tested_driver(), path_, kNow + 109).value(), 0U);
  EXPECT_EQ(prune_keyring_file(tested_driver(), path_, kNow + 110).value(), 1U);
  EXPECT_EQ(keys().size(), 1U);
}

TEST_F(KeyringAdmin, EveryChangeKeepsForeignKeys) {
  constexpr std::string_view kForeign = R"({"kty":"EC", "d" : "\u0073ecret" , "d":1})";
  std::string text = ring_text({opening_until(xaes_key(0), kNow), xaes_key(1)});
  const std::size_t first_key = text.find('{', 1);
  text.insert(first_key, ",").insert(first_key, kForeign);
  write_text(path_, text);
  ASSERT_TRUE(add(xaes_key(2)));
  ASSERT_TRUE(rotate_keyring_file(tested_driver(), path_, {kNow, 10, 100}));
  ASSERT_EQ(prune_keyring_file(tested_driver(), path_, kNow).value(), 1U);
  EXPECT_EQ(keys().size(), 3U);
  const std::string after = read_text(path_);
  EXPECT_NE(after.find(kForeign), std::string::npos) << after;
}

TEST_F(KeyringAdmin, WhatIsRefusedLeavesTheFileAndNamesIt) {
  init();
  const std::string before = read_text(path_);
  const auto rotated =
      rotate_keyring_file(tested_driver(), path_, {kNow, std::int64_t{1} << 40, 1});
  ASSERT_FALSE(rotated);
  EXPECT_EQ(read_text(path_), before);

  write_text(path_, ring_text({open_only(xaes_key(0))}));
  const auto pruned = prune_keyring_file(tested_driver(), path_, kNow);
  ASSERT_FALSE(pruned);
  EXPECT_EQ(pruned.error().error, Error::no_primary_key);
  EXPECT_NE(pruned.error().message.find(path_), std::string::npos);
}

TEST_F(KeyringAdmin, AMissingRingIsAProblemForAll) {
  EXPECT_EQ(add(xaes_key(0)).error().error, Error::write_failed);
  EXPECT_EQ(rotate_keyring_file(tested_driver(), path_, {kNow, 0, 0}).error().error,
            Error::write_failed);
  EXPECT_EQ(prune_keyring_file(tested_driver(), path_, kNow).error().error, Error::write_failed);
}

}  // namespace
}  // namespace sealring
