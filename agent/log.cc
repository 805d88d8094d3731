// SPDX-License-Identifier: Apache-2.0
#include "log.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace sealring::agent {

// A server or the store may have chosen a part of it.
std::string one_line(std::string_view message) {
  std::string line(message.substr(0, kMaxLine));
  std::ranges::replace_if(line, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return line;
}

void log(Level level, const std::string& message) {
  static const bool to_journal = std::getenv("JOURNAL_STREAM") != nullptr;
  std::string line = to_journal ? "<" + std::to_string(static_cast<int>(level)) + ">" : "";
  line += "sealring-agent: " + one_line(message) + "\n";
  // If this fails there is nowhere left to report it.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace sealring::agent
