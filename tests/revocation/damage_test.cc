// SPDX-License-Identifier: Apache-2.0
// Ten thousand damaged lists in the place of one in use: none is accepted, and it stays.
#include <gtest/gtest.h>

#include "revocation/revocations.h"
#include "support/random.h"
#include "support/revocations.h"

namespace sealring::revocation {
namespace {

class Damage {
 public:
  explicit Damage(std::string text) : text_(std::move(text)) {}

  // Another text each time.
  std::string next() {
    std::string damaged = text_;
    const std::size_t place = below(damaged.size());
    switch (below(6)) {
      case 0:
        damaged[place] = static_cast<char>(damaged[place] ^ (1 << below(8)));
        break;
      case 1:
        damaged.resize(place);
        break;
      case 2:
        damaged.insert(place, 1 + below(60), static_cast<char>(below(256)));
        break;
      case 3:
        damaged.erase(place, 1 + below(60));
        break;
      case 4:  // an entry goes, and the header knows
        damaged.erase(damaged.size() - kEntrySize * (1 + below(5)), kEntrySize);
        damaged[47] = static_cast<char>(damaged[47] - 1);
        break;
      default:  // blocks that were not written
        std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(place),
                    std::min<std::size_t>(512, damaged.size() - place), '\0');
    }
    return damaged;
  }

 private:
  std::size_t below(std::size_t bound) { return random_.below(bound); }

  const std::string text_;
  Randomness random_;
};

TEST(RevocationDamage, NoDamagedListIsAccepted) {
  const TemporaryFolder folder;
  const std::string path = folder / "list";
  create_list(path);
  revoke(path, "user", "alice");
  const auto live = Revocations::load(tested_driver(), path).value();
  const auto in_use = live->current();
  for (int i = 0; i < 100; ++i) revoke(path, "user", "bob" + std::to_string(i));
  const std::string whole = read_text(path);
  Damage damage(whole);
  std::int64_t now = kNow;
  int refused = 0, same = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string damaged = damage.next();
    same += damaged == whole ? 1 : 0;
    if (damaged == whole) continue;
    write_text(path, damaged, 0644);
    // Of two damaged files with the same fault, the second is not reported: it may have the size
    // and, within a clock tick, the times of the first.
    refused += live->refresh(++now) ? 0 : 1;
    ASSERT_EQ(live->current(), in_use) << i;
  }
  EXPECT_LT(same, 1000);
  EXPECT_GT(refused, 1000);
  write_text(path, whole, 0644);
  ASSERT_TRUE(live->refresh(++now));
  EXPECT_EQ(live->current()->list->size(), 101U);
}

}  // namespace
}  // namespace sealring::revocation
