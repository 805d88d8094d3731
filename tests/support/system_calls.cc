// SPDX-License-Identifier: Apache-2.0
// Replaces functions of the C library; each calls the real one.
#include "support/system_calls.h"

#include <dlfcn.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <array>
#include <cerrno>
#include <cstdarg>
#include <utility>

namespace sealring {
namespace {

struct Failure {
  SystemCall call{};
  int code = 0;
  std::size_t passes = 0;
  std::size_t times = 0;
  bool has_failed = false;
};
Failure failure;

struct Interruption {
  SystemCall call{};
  std::function<void()> action;
};
Interruption interruption;

bool fails(SystemCall call) {
  if (interruption.action && interruption.call == call) {
    std::exchange(interruption.action, nullptr)();
  }
  if (failure.times == 0 || failure.call != call) return false;
  if (failure.passes > 0) {
    --failure.passes;
    return false;
  }
  --failure.times;
  failure.has_failed = true;
  errno = failure.code;
  return true;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

FailingSystemCall::FailingSystemCall(SystemCall call, int code, std::size_t passes,
                                     std::size_t times) {
  failure = {call, code, passes, times, false};
}

FailingSystemCall::~FailingSystemCall() {
  failure = {};
}

bool FailingSystemCall::has_failed() const {
  return failure.has_failed;
}

void before_next(SystemCall call, std::function<void()> action) {
  interruption = {call, std::move(action)};
}

}  // namespace sealring

using sealring::fails;
using sealring::next;
using sealring::SystemCall;

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = va_arg(arguments, mode_t);
  va_end(arguments);
  return fails(SystemCall::open) ? -1 : next<int(const char*, int, ...)>("open")(path, flags, mode);
}
int fstat(int file, struct stat* out) {
  return fails(SystemCall::fstat) ? -1 : next<int(int, struct stat*)>("fstat")(file, out);
}
int stat(const char* path, struct stat* out) {
  return fails(SystemCall::stat) ? -1 : next<int(const char*, struct stat*)>("stat")(path, out);
}
ssize_t pread(int file, void* to, size_t size, off_t at) {
  using Function = ssize_t(int, void*, size_t, off_t);
  return fails(SystemCall::pread) ? -1 : next<Function>("pread")(file, to, size, at);
}
ssize_t write(int file, const void* from, size_t size) {
  using Function = ssize_t(int, const void*, size_t);
  return fails(SystemCall::write) ? -1 : next<Function>("write")(file, from, size);
}
int fsync(int file) {
  return fails(SystemCall::fsync) ? -1 : next<int(int)>("fsync")(file);
}
int fchmod(int file, mode_t mode) {
  return fails(SystemCall::fchmod) ? -1 : next<int(int, mode_t)>("fchmod")(file, mode);
}
int fchown(int file, uid_t user, gid_t group) {
  using Function = int(int, uid_t, gid_t);
  return fails(SystemCall::fchown) ? -1 : next<Function>("fchown")(file, user, group);
}
int flock(int file, int how) {
  return fails(SystemCall::flock) ? -1 : next<int(int, int)>("flock")(file, how);
}
int link(const char* from, const char* to) {
  using Function = int(const char*, const char*);
  return fails(SystemCall::link) ? -1 : next<Function>("link")(from, to);
}
int rename(const char* from, const char* to) {
  using Function = int(const char*, const char*);
  return fails(SystemCall::rename) ? -1 : next<Function>("rename")(from, to);
}
ssize_t fgetxattr(int file, const char* name, void* to, size_t size) {
  using Function = ssize_t(int, const char*, void*, size_t);
  return fails(SystemCall::fgetxattr) ? -1 : next<Function>("fgetxattr")(file, name, to, size);
}
int fsetxattr(int file, const char* name, const void* from, size_t size, int how) {
  using Function = int(int, const char*, const void*, size_t, int);
  return fails(SystemCall::fsetxattr) ? -1
                                      : next<Function>("fsetxattr")(file, name, from, size, how);
}
int fremovexattr(int file, const char* name) {
  using Function = int(int, const char*);
  return fails(SystemCall::fremovexattr) ? -1 : next<Function>("fremovexattr")(file, name);
}
void* mmap(void* at, size_t size, int rights, int flags, int file, off_t from) {
  using Function = void*(void*, size_t, int, int, int, off_t);
  if (fails(SystemCall::mmap)) return reinterpret_cast<void*>(-1);
  return next<Function>("mmap")(at, size, rights, flags, file, from);
}
int madvise(void* at, size_t size, int advice) {
  using Function = int(void*, size_t, int);
  if (fails(SystemCall::madvise)) return errno == 0 ? 0 : -1;
  return next<Function>("madvise")(at, size, advice);
}
int pipe2(int* ends, int flags) {
  return fails(SystemCall::pipe2) ? -1 : next<int(int*, int)>("pipe2")(ends, flags);
}
ssize_t read(int file, void* to, size_t size) {
  using Function = ssize_t(int, void*, size_t);
  return fails(SystemCall::read) ? -1 : next<Function>("read")(file, to, size);
}
pid_t fork() {
  return fails(SystemCall::fork) ? -1 : next<pid_t()>("fork")();
}
int utimensat(int folder, const char* path, const timespec* times, int flags) {
  using Function = int(int, const char*, const timespec*, int);
  return fails(SystemCall::utimensat) ? -1
                                      : next<Function>("utimensat")(folder, path, times, flags);
}
}
