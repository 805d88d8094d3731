// SPDX-License-Identifier: Apache-2.0
#include "io.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"

namespace sealring::cli {
namespace {

Outcome<SecretBytes> read_all(int file, const std::string& name, std::size_t limit) {
  constexpr std::size_t kChunk = std::size_t{1} << 16;
  SecretBytes bytes;
  std::size_t filled = 0;
  while (filled <= limit) {
    if (filled == bytes.size()) bytes.resize(std::min(limit + 1, 2 * filled + kChunk));
    const ssize_t count = read(file, bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("cannot read " + name + ": " + std::strerror(errno));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

Outcome<SecretBytes> read_stdin(const std::string& what, std::size_t limit) {
  if (isatty(STDIN_FILENO) != 0) note("type " + what + ", then end it with Ctrl-D");
  return read_all(STDIN_FILENO, "standard input", limit);
}

Outcome<SecretBytes> read_file(const std::string& path, std::size_t limit) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return failed("cannot open \"" + path + "\": " + std::strerror(errno));
  return read_all(file.get(), "\"" + path + "\"", limit);
}

Outcome<void> print(std::string_view bytes) {
  if (write_all(STDOUT_FILENO, bytes)) return {};
  return failed(std::string("cannot write to standard output: ") + std::strerror(errno));
}

void note(const std::string& message) {
  // If this fails there is nowhere left to report it.
  static_cast<void>(write_all(STDERR_FILENO, "sealring: " + message + "\n"));
}

}  // namespace sealring::cli
