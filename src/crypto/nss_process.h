// SPDX-License-Identifier: Apache-2.0
// NSS in this process. PKCS #11 forbids a child to use anything that its parent made: the
// initialised library, keys, contexts.
#pragma once

#include <utility>

#include "base/fork_lock.h"
#include "crypto/drivers.h"

namespace sealring::nss {

// Initialises NSS according to "dir=" and the other parameters; with "noinit" the server has done
// so.
Explained<void> start(const DriverParameters& parameters);

// Call it before making or using anything: if this process was forked since the last call, NSS is
// started again.
Result<void> enter() noexcept;

// Owns a key, a context or the like. In a forked child it is null and is not freed: by then the
// handle may be that of something else.
template <class T, auto Free>
class Object {
 public:
  Object() = default;
  explicit Object(T* object) noexcept : object_(object) {}
  Object(Object&& other) noexcept
      : object_(std::exchange(other.object_, nullptr)), process_(other.process_) {}
  Object& operator=(Object&& other) noexcept {
    std::swap(object_, other.object_);
    std::swap(process_, other.process_);
    return *this;
  }
  ~Object() {
    if (get() != nullptr) Free(object_);
  }

  T* get() const noexcept { return process_ == process_generation() ? object_ : nullptr; }
  explicit operator bool() const noexcept { return get() != nullptr; }

 private:
  T* object_ = nullptr;
  std::uint64_t process_ = process_generation();
};

}  // namespace sealring::nss
