// SPDX-License-Identifier: Apache-2.0
// The file of a ring in use is cut at every byte, or has any one bit flipped.
#include <gtest/gtest.h>

#include "keys/live_keyring.h"
#include "support/keys.h"
#include "support/temporary_folder.h"

namespace sealring {
namespace {

class LiveKeyringDamage : public ::testing::Test {
 protected:
  LiveKeyringDamage() {
    write_text(path_, text_);
    live_ = LiveKeyring::load(tested_driver(), path_).value();
  }

  static std::vector<Key> keys() {
    Key named = legacy_key(0x90, "short");
    named.kid = "old-site";
    return {opening_until(xaes_key(0), kNow), opening_until(xaes_key(1), kNow + 100),
            sealing_from(xaes_key(2), kNow + 50), xaes_key(3), open_only(named)};
  }

  // Whether the live ring accepts this text as its file. If not, the ring in use must be unchanged;
  // if so, it must be complete.
  bool takes(std::string_view text) {
    const auto before = live_->current();
    put(text);
    const auto refreshed = live_->refresh(++now_);
    ++damaged_;
    const auto after = live_->current();
    if (refreshed) {
      EXPECT_NE(after, before);
      std::vector<ForeignJwk> foreign;
      EXPECT_TRUE(parse_jwk_set(tested_driver(), text, &foreign));
      EXPECT_EQ(after->keys().size() + foreign.size(), keys().size()) << text;
      return true;
    }
    EXPECT_EQ(refreshed.error().error, Error::invalid_keyring);
    EXPECT_EQ(after, before);
    return false;
  }

  // Moves the old file aside, because replacing one makes some file systems wait for the disk. It
  // is kept until the next call, so that the new file cannot get its inode.
  void put(std::string_view text) const {
    std::filesystem::remove(path_ + ".before");
    std::filesystem::rename(path_, path_ + ".before");
    write_text(path_, text);
  }

  const std::string text_ = ring_text(keys());
  const TemporaryFolder folder_;
  const std::string path_ = folder_ / "ring.jwks";
  std::shared_ptr<LiveKeyring> live_;
  std::int64_t now_ = kNow;
  int damaged_ = 0;
};

TEST_F(LiveKeyringDamage, TenThousandDamagedFilesAreRefusedOrWhole) {
  const std::size_t end = text_.find_last_not_of('\n');
  for (std::size_t size = 0; size <= end; ++size) {
    EXPECT_FALSE(takes(std::string_view(text_).substr(0, size))) << "cut to " << size << " bytes";
  }
  int taken = 0;
  for (std::size_t place = 0; place < text_.size(); ++place) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string flipped = text_;
      flipped[place] = static_cast<char>(flipped[place] ^ 1 << bit);
      taken += takes(flipped);
    }
  }
  std::printf("%d damaged key ring files, %d of them still valid ones\n", damaged_, taken);
  EXPECT_GE(damaged_, 10'000);
  // Damage to white space, to digits of times, to the names of optional members, and to a key that
  // the damage made foreign.
  EXPECT_GT(taken, 100);
  EXPECT_LT(taken, damaged_ / 4);
}

}  // namespace
}  // namespace sealring
