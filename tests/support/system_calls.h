// SPDX-License-Identifier: Apache-2.0
// System calls that fail, or before which something happens. The program has to be linked with
// support/system_calls.cc.
#pragma once

#include <cstddef>
#include <functional>

namespace sealring {

enum class SystemCall {
  open,
  fstat,
  stat,
  pread,
  write,
  fsync,
  fchmod,
  fchown,
  flock,
  link,
  rename,
  fgetxattr,
  fsetxattr,
  fremovexattr,
  mmap,
  madvise,
  pipe2,
  read,
  fork,
  utimensat,
};

// While it lives, the call after `passes` more of its kind fails with `code`, `times` times. With
// code 0, which only madvise knows, it says that it went well, and does nothing.
class FailingSystemCall {
 public:
  FailingSystemCall(SystemCall call, int code, std::size_t passes = 0, std::size_t times = 1);
  FailingSystemCall(const FailingSystemCall&) = delete;
  FailingSystemCall& operator=(const FailingSystemCall&) = delete;
  ~FailingSystemCall();

  bool has_failed() const;
};

// Does `action`, once, before the next call of this kind.
void before_next(SystemCall call, std::function<void()> action);

}  // namespace sealring
