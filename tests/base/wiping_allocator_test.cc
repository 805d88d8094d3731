// SPDX-License-Identifier: Apache-2.0
// Secrets on the heap are wiped before their memory is freed. This program's operator delete checks
// the memory that it gets, which is still allocated at that point.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <new>

#include "base/secret.h"

namespace {

struct Watch {
  bool on = false;
  std::size_t blocks = 0;
  std::size_t unwiped = 0;
};
thread_local Watch watch;

void release(void* memory, std::size_t size) noexcept {
  if (watch.on) {
    const auto* const bytes = static_cast<const std::uint8_t*>(memory);
    ++watch.blocks;
    watch.unwiped += std::any_of(bytes, bytes + size, [](std::uint8_t byte) { return byte != 0; });
  }
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t size) noexcept {
  release(memory, size);
}

namespace sealring {
namespace {

// What `use` freed, and how much of it was not wiped.
template <class Use>
Watch watched(Use use) {
  watch = {.on = true};
  use();
  watch.on = false;
  return watch;
}

TEST(WipingAllocator, TheWatchSeesWhatIsNotWiped) {
  const Watch seen = watched([] { std::vector<std::uint8_t>(100, 0xee); });
  EXPECT_EQ(seen.blocks, 1U);
  EXPECT_EQ(seen.unwiped, 1U);
}

TEST(WipingAllocator, WipesWhenAVectorGoes) {
  const Watch seen = watched([] { SecretBytes(100, 0xee); });
  EXPECT_EQ(seen.blocks, 1U);
  EXPECT_EQ(seen.unwiped, 0U);
}

TEST(WipingAllocator, WipesWhatAGrowingVectorLeaves) {
  const Watch seen = watched([] {
    SecretBytes bytes;
    for (int i = 0; i < 1000; ++i) bytes.push_back(0xee);
  });
  EXPECT_GT(seen.blocks, 5U);
  EXPECT_EQ(seen.unwiped, 0U);
}

TEST(WipingAllocator, WipesWhatWasCutOffAVector) {
  const Watch seen = watched([] {
    SecretBytes bytes(100, 0xee);
    bytes.resize(1);
  });
  EXPECT_EQ(seen.blocks, 1U);
  EXPECT_EQ(seen.unwiped, 0U);
}

TEST(WipingAllocator, WipesStrings) {
  const Watch seen = watched([] {
    SecretString text(100, 'x');
    text.append(1000, 'y');
    SecretString(text).assign(2000, 'z');
  });
  EXPECT_GT(seen.blocks, 2U);
  EXPECT_EQ(seen.unwiped, 0U);
}

TEST(WipingAllocator, WipesElementsLargerThanAByte) {
  const Watch seen =
      watched([] { std::vector<std::uint64_t, WipingAllocator<std::uint64_t>>(9, ~0ULL); });
  EXPECT_EQ(seen.blocks, 1U);
  EXPECT_EQ(seen.unwiped, 0U);
}

}  // namespace
}  // namespace sealring
