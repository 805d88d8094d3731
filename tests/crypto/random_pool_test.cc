// SPDX-License-Identifier: Apache-2.0
#include "crypto/random_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "support/no_wipe_on_fork.h"
#include "support/observed_driver.h"
#include "support/random.h"

namespace sealring {
namespace {

constexpr std::size_t kCapacity = RandomPool::kCapacity;

std::vector<std::uint8_t> take(RandomPool& pool, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  EXPECT_TRUE(pool.take(bytes));
  return bytes;
}

TEST(RandomPool, BytesDiffer) {
  RandomPool pool = RandomPool::make(tested_driver()).value();
  std::set<std::vector<std::uint8_t>> seen;
  for (int i = 0; i < 20'000; ++i) EXPECT_TRUE(seen.insert(take(pool, 12)).second);
}

TEST(RandomPool, HandsOutEachByteOfTheDriverOnceAndInOrder) {
  const auto given = Randomness().bytes(3 * kCapacity);
  ObservedDriver driver;
  driver.give_random(given);
  RandomPool pool = RandomPool::make(driver).value();
  for (std::size_t fill = 0; fill < 3; ++fill) {
    // Bytes left of a fill that are too few are not used.
    for (std::size_t taken = 0; taken + 100 <= kCapacity; taken += 100) {
      const Bytes expected = Bytes(given).subspan(fill * kCapacity + taken, 100);
      EXPECT_TRUE(std::ranges::equal(take(pool, 100), expected)) << fill << ' ' << taken;
    }
    EXPECT_EQ(driver.observed.count(Call::random), fill + 1);
  }
}

TEST(RandomPool, WipesWhatItHandedOutAndNothingElse) {
  const auto given = Randomness().bytes(kCapacity);
  ObservedDriver driver;
  driver.give_random(given);
  RandomPool pool = RandomPool::make(driver).value();
  std::size_t taken = 0;
  for (const std::size_t size : {12U, 0U, 1U, 100U, 2000U}) {
    take(pool, size);
    taken += size;
    const MutableBytes held = driver.last_filled();
    ASSERT_EQ(held.size(), kCapacity);
    EXPECT_EQ(std::ranges::count(held.first(taken), 0), static_cast<std::ptrdiff_t>(taken));
    EXPECT_TRUE(std::ranges::equal(held.subspan(taken), Bytes(given).subspan(taken)));
  }
}

TEST(RandomPool, GivesUpToItsCapacity) {
  RandomPool pool = RandomPool::make(tested_driver()).value();
  take(pool, 0);
  take(pool, kCapacity);
  take(pool, 1);
  take(pool, kCapacity);
  std::vector<std::uint8_t> more(kCapacity + 1, 0xee);
  const auto refused = pool.take(more);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Error::invalid_argument);
  EXPECT_EQ(std::ranges::count(more, 0xee), static_cast<std::ptrdiff_t>(more.size()));
}

TEST(RandomPool, PassesOnThatTheDriverFailedAndRecovers) {
  ObservedDriver driver;
  RandomPool pool = RandomPool::make(driver).value();
  take(pool, kCapacity - 10);
  driver.observed.fail(Call::random, Error::crypto_failure);
  take(pool, 10);
  std::array<std::uint8_t, 12> bytes{};
  for (int i = 0; i < 3; ++i) {
    const auto refused = pool.take(bytes);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), Error::crypto_failure);
  }
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 12>{}));
  driver.observed.fail_no_more();
  EXPECT_NE(take(pool, 12), std::vector<std::uint8_t>(12));
}

TEST(RandomPool, Moves) {
  const auto given = Randomness().bytes(200);
  ObservedDriver driver;
  driver.give_random(given);
  RandomPool first = RandomPool::make(driver).value();
  take(first, 100);
  RandomPool second(std::move(first));
  EXPECT_TRUE(std::ranges::equal(take(second, 100), Bytes(given).last(100)));
}

// The flags of the mapping that contains `memory`, as the kernel shows them.
std::string mapping_flags(const void* memory) {
  const auto address = reinterpret_cast<std::uintptr_t>(memory);
  std::ifstream maps("/proc/self/smaps");
  bool ours = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &begin, &end) == 2) {
      ours = begin <= address && address < end;
    }
    if (ours && line.starts_with("VmFlags:")) return line + ' ';
  }
  return "";
}

TEST(RandomPool, ItsPageIsWipedOnForkAndLeftOutOfCoreDumps) {
  ObservedDriver driver;
  RandomPool pool = RandomPool::make(driver).value();
  take(pool, 1);
  const std::string flags = mapping_flags(driver.last_filled().data());
  if (flags.empty()) GTEST_SKIP() << "the kernel does not show the flags of mappings";
  EXPECT_NE(flags.find(" wf "), std::string::npos) << flags;
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;

  const NoWipeOnFork without;
  RandomPool other = RandomPool::make(driver).value();
  take(other, 1);
  const std::string flags_without = mapping_flags(driver.last_filled().data());
  EXPECT_EQ(flags_without.find(" wf "), std::string::npos) << flags_without;
}

}  // namespace
}  // namespace sealring
