// SPDX-License-Identifier: Apache-2.0
#include "log.h"

#include <unistd.h>

#include <cstdlib>

#include "cli/text.h"

namespace sealring::agent {

// A server or the store may have chosen a part of it.
std::string one_line(std::string_view message) {
  std::string line = cli::printable(message);
  if (line.size() <= kMaxLine) return line;
  // It is UTF-8 now, in which bytes like 0b10xxxxxx continue a character.
  std::size_t end = kMaxLine;
  while ((line[end] & 0xc0) == 0x80) --end;
  line.resize(end);
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
