// SPDX-License-Identifier: Apache-2.0
#include "crypto/random_pool.h"

#include <sys/mman.h>
#include <unistd.h>

#include <utility>

#include "base/secret.h"

namespace sealring {
namespace {

constexpr int kNoAdvice = -1;

}  // namespace

Result<RandomPool> RandomPool::make(Driver& driver) noexcept {
  static_assert(sizeof(Page) == 4096);
  void* memory =
      mmap(nullptr, sizeof(Page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return std::unexpected(Error::out_of_memory);
  // An emulator may accept any advice and follow none.
  const bool follows = madvise(memory, sizeof(Page), kNoAdvice) != 0;
  const bool wiped_on_fork = follows && madvise(memory, sizeof(Page), MADV_WIPEONFORK) == 0;
  madvise(memory, sizeof(Page), MADV_DONTDUMP);  // keeps it out of core dumps; may fail
  RandomPool pool(driver, static_cast<Page*>(memory), wiped_on_fork);
  pool.took_note();
  // Filled now, because the crypto library may have to set up its generator first.
  if (auto filled = pool.fill(); !filled) return std::unexpected(filled.error());
  return pool;
}

RandomPool::RandomPool(RandomPool&& other) noexcept
    : driver_(other.driver_),
      page_(std::exchange(other.page_, nullptr)),
      wiped_on_fork_(other.wiped_on_fork_) {}

RandomPool::~RandomPool() {
  if (page_ == nullptr) return;
  wipe(page_->bytes);
  munmap(page_, sizeof(Page));
}

void RandomPool::took_note() noexcept {
  page_->process = getpid();
  page_->left = 0;
}

Result<void> RandomPool::fill() noexcept {
  page_->left = 0;
  if (auto filled = driver_->random(page_->bytes); !filled) return filled;
  page_->left = kCapacity;
  return {};
}

Result<void> RandomPool::take(MutableBytes out) noexcept {
  if (out.size() > kCapacity) return std::unexpected(Error::invalid_argument);
  if (forked()) took_note();
  if (page_->left < out.size()) {
    if (auto filled = fill(); !filled) return filled;
  }
  const MutableBytes taken(page_->bytes + (kCapacity - page_->left), out.size());
  page_->left -= static_cast<std::uint32_t>(out.size());
  copy(taken, out);
  wipe(taken);
  return {};
}

}  // namespace sealring
