// SPDX-License-Identifier: Apache-2.0
// What a refused token of the old nginx module costs. tests/token covers what it opens and refuses.
#include <gtest/gtest.h>

#include <set>

#include "support/sealers.h"

namespace sealring {
namespace {

std::size_t md5_blocks(std::size_t size) {
  return (size + 1 + 8 + 63) / 64;
}

// Altering a block changes the padding of the next one in a chosen way. Anyone who could
// distinguish right from wrong padding by the response time could decrypt tokens.
TEST(NginxLegacy, HashesEquallyMuchWhateverThePadding) {
  const Key key = legacy_key();
  const auto cbc = tested_driver().cbc(CbcCipher::aes_256).value();
  ASSERT_TRUE(cbc->set_key(key.secret));
  ObservedDriver driver;
  const auto sealer = sealer_of({key}, driver);
  for (std::size_t size = 16; size <= 256; size += 16) {
    std::set<std::size_t> costs;
    for (unsigned count = 0; count <= 17; ++count) {
      std::vector<std::uint8_t> token(16 + size, static_cast<std::uint8_t>(count));
      ASSERT_TRUE(cbc->encrypt_in_place(as_bytes(key.iv), MutableBytes(token).subspan(16)));
      driver.observed.hashed_sizes.clear();
      EXPECT_FALSE(open(*sealer, as_text(token)).opened);
      std::size_t blocks = 0;
      for (const std::size_t hashed : driver.observed.hashed_sizes) blocks += md5_blocks(hashed);
      costs.insert(blocks);
    }
    EXPECT_EQ(costs.size(), 1U) << size;
  }
}

}  // namespace
}  // namespace sealring
