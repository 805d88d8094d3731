// SPDX-License-Identifier: Apache-2.0
// Forked children, and memory that they share with their parent.
#pragma once

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <span>
#include <stdexcept>
#include <utility>

namespace sealring {

// Zeros that this process shares with its forked children.
template <class T>
class SharedArray {
 public:
  explicit SharedArray(std::size_t size) : size_(size) {
    void* const memory =
        mmap(nullptr, size * sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("no shared memory");
    data_ = static_cast<T*>(memory);
  }
  SharedArray(const SharedArray&) = delete;
  SharedArray& operator=(const SharedArray&) = delete;
  ~SharedArray() { munmap(data_, size_ * sizeof(T)); }

  std::span<T> span() const { return {data_, size_}; }

 private:
  T* data_;
  std::size_t size_;
};

// A child that does `work` and whose failed expectations, or death, fail this test when it goes.
class Child {
 public:
  template <class Work>
  explicit Child(Work work) : process_(fork()) {
    if (process_ != 0) return;
    work();
    _exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  Child(Child&& other) noexcept : process_(std::exchange(other.process_, 0)) {}
  Child& operator=(Child&&) = delete;
  ~Child() { wait(); }

  void wait() {
    if (process_ == 0) return;
    int status = -1;
    EXPECT_EQ(waitpid(process_, &status, 0), process_);
    EXPECT_EQ(status, 0) << "the child failed";
    process_ = 0;
  }

 private:
  pid_t process_;
};

}  // namespace sealring
