// SPDX-License-Identifier: Apache-2.0
// Processes do not draw the same bytes from a pool that was inherited over a fork.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>

#include "crypto/random_pool.h"
#include "support/forked.h"
#include "support/no_wipe_on_fork.h"
#include "support/observed_driver.h"

namespace sealring {
namespace {

enum class Way { wiped_on_fork, process_ids };

class RandomPoolFork : public ::testing::TestWithParam<Way> {
 protected:
  static RandomPool make_pool() {
    std::optional<NoWipeOnFork> without;
    if (GetParam() == Way::process_ids) without.emplace();
    return RandomPool::make(tested_driver()).value();
  }

  RandomPool pool_ = make_pool();
};

TEST_P(RandomPoolFork, SixteenChildrenAndTheirParentDraw100000NoncesEachAndAllDiffer) {
  constexpr std::size_t kChildren = 16;
  constexpr std::size_t kNonces = 100'000;
  using Nonce = std::array<std::uint8_t, 12>;
  const SharedArray<Nonce> shared((kChildren + 1) * kNonces);
  const std::span<Nonce> nonces = shared.span();
  const auto draw = [&](std::span<Nonce> drawn) {
    for (Nonce& nonce : drawn) {
      if (!pool_.take(nonce)) ADD_FAILURE();
    }
  };

  // When the children start, the pool is partly used.
  const std::span<Nonce> own = nonces.last(kNonces);
  draw(own.first(100));
  {
    std::vector<Child> children;
    for (std::size_t i = 0; i < kChildren; ++i) {
      children.emplace_back([&] { draw(nonces.subspan(i * kNonces, kNonces)); });
    }
    draw(own.subspan(100));
  }
  std::ranges::sort(nonces);
  EXPECT_EQ(std::ranges::adjacent_find(nonces), nonces.end());
  EXPECT_NE(nonces.front(), Nonce{});
}

TEST_P(RandomPoolFork, ChildrenAndTheirChildrenKnowThatTheyAreForks) {
  std::array<std::uint8_t, 12> bytes;
  ASSERT_TRUE(pool_.take(bytes));
  EXPECT_FALSE(pool_.forked());
  Child([&] {
    EXPECT_TRUE(pool_.forked());
    EXPECT_TRUE(pool_.forked());
    Child([&] { EXPECT_TRUE(pool_.forked()); });
    pool_.took_note();
    EXPECT_FALSE(pool_.forked());
    Child([&] {
      EXPECT_TRUE(pool_.forked());
      EXPECT_TRUE(pool_.take(bytes));
      EXPECT_FALSE(pool_.forked());
    });
    EXPECT_FALSE(pool_.forked());
  });
  EXPECT_FALSE(pool_.forked());
}

INSTANTIATE_TEST_SUITE_P(Ways, RandomPoolFork,
                         ::testing::Values(Way::wiped_on_fork, Way::process_ids),
                         [](const auto& way) {
                           return way.param == Way::process_ids ? "ProcessIds" : "WipedOnFork";
                         });

}  // namespace
}  // namespace sealring
