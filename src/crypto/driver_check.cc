// SPDX-License-Identifier: Apache-2.0
// Starts a driver in a child process, to see whether it starts.
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor.h"
#include "crypto/drivers.h"

namespace sealring {
namespace {

// The child sends its Error in one byte, followed by the message; if the driver started, only a
// zero.
[[noreturn]] void start_and_tell(std::string_view name, int pipe) noexcept {
  std::string told(1, '\0');
  if (const auto found = find_driver(name); !found) {
    told[0] = static_cast<char>(found.error().error);
    told += found.error().message;
  }
  // Shorter than a pipe's buffer, so it is written as a whole.
  const bool written = write(pipe, told.data(), told.size()) >= 0;
  _exit(written ? 0 : 1);  // without the caller's exit handlers
}

std::string read_all(int pipe) {
  std::string text;
  char part[512];
  for (;;) {
    const ssize_t size = read(pipe, part, sizeof part);
    if (size > 0) {
      text.append(part, static_cast<std::size_t>(size));
    } else if (size == 0 || errno != EINTR) {
      return text;
    }
  }
}

}  // namespace

Explained<void> check_driver(std::string_view name) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    return problem(Error::crypto_failure, "no pipe to check the driver with");
  const Descriptor reading(ends[0]);
  pid_t child = 0;
  {
    const Descriptor writing(ends[1]);
    child = fork();
    if (child == 0) start_and_tell(name, writing.get());
  }
  if (child < 0) return problem(Error::crypto_failure, "no process to check the driver in");
  const std::string told = read_all(reading.get());
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (told.empty()) {
    return problem(Error::crypto_failure,
                   "the crypto driver \"" + std::string(name) + "\" died while it started");
  }
  if (told[0] != '\0') return problem(static_cast<Error>(told[0]), told.substr(1));
  return {};
}

}  // namespace sealring
