// SPDX-License-Identifier: Apache-2.0
#include "log.h"

#include <unistd.h>

#include <cstdlib>

namespace sealring::agent {

void log(Level level, const std::string& message) {
  static const bool to_journal = std::getenv("JOURNAL_STREAM") != nullptr;
  std::string line = to_journal ? "<" + std::to_string(static_cast<int>(level)) + ">" : "";
  line += "sealring-agent: " + message + "\n";
  // If this fails there is nowhere left to report it.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace sealring::agent
