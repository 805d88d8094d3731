// SPDX-License-Identifier: Apache-2.0
// Random bytes for nonces, fetched in bulk: one call of the generator costs more than sealing.
#pragma once

#include <unistd.h>

#include "crypto/driver.h"

namespace sealring {

// Not thread-safe. It lives in a page that the kernel fills with zeros in a forked child
// (MADV_WIPEONFORK): there the count of bytes left is 0, and the child fetches bytes of its own. If
// the kernel cannot do that (Linux before 4.14, qemu-user), process IDs are compared instead.
class RandomPool {
 public:
  static Result<RandomPool> make(Driver& driver) noexcept;
  RandomPool(RandomPool&& other) noexcept;
  RandomPool& operator=(RandomPool&&) = delete;
  ~RandomPool();

  // Returns each byte only once, and wipes it here. At most kCapacity bytes.
  Result<void> take(MutableBytes out) noexcept;

  // Whether this process is a fork of the one that last called took_note().
  bool forked() const noexcept {
    return wiped_on_fork_ ? page_->process == 0 : page_->process != getpid();
  }
  void took_note() noexcept;

  static constexpr std::size_t kCapacity = 4096 - 16;

 private:
  struct Page {
    std::uint32_t left;  // bytes not yet handed out: the last ones of `bytes`
    pid_t process;       // 0 in a forked child
    std::uint64_t padding;
    std::uint8_t bytes[kCapacity];
  };

  RandomPool(Driver& driver, Page* page, bool wiped_on_fork) noexcept
      : driver_(&driver), page_(page), wiped_on_fork_(wiped_on_fork) {}

  Result<void> fill() noexcept;

  Driver* driver_;
  Page* page_;
  bool wiped_on_fork_;
};

}  // namespace sealring
