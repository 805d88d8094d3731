// SPDX-License-Identifier: Apache-2.0
// NSS as one process has it. PKCS #11 forbids a child to use what its parent made: neither the
// library as it stands nor any key or context.
#pragma once

#include <utility>

#include "crypto/drivers.h"

namespace sealring::nss {

// Initialises NSS, as "dir=" and its companions say; with "noinit" the server has done so.
Explained<void> start(const DriverParameters& parameters);

// To be called before anything new is made or done: if this process is a fork of the one that did
// so last, NSS is started again.
Result<void> enter() noexcept;

// Another number in each process that knows of NSS, from when it is forked.
std::uint64_t process() noexcept;

// Owns a key, a context and the like. In a fork it is null, and is not freed: its handle may
// by then be that of another.
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

  T* get() const noexcept { return process_ == process() ? object_ : nullptr; }
  explicit operator bool() const noexcept { return get() != nullptr; }

 private:
  T* object_ = nullptr;
  std::uint64_t process_ = process();
};

}  // namespace sealring::nss
