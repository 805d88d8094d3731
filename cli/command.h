// SPDX-License-Identifier: Apache-2.0
// The commands, as main() sees them: each is added to the command line, and runs if it was chosen.
#pragma once

#include <functional>

#include "base/error.h"

namespace CLI {
class App;
}

namespace sealring::cli {

// Exit statuses. For a refused token it is the number of the reason, from 10 to 16.
inline constexpr int kWrongUse = 2;     // the caller is to change something
inline constexpr int kOperational = 3;  // something is wrong with this machine or its files

struct Failure {
  int status;
  std::string message;
};

template <class T>
using Outcome = std::expected<T, Failure>;

inline std::unexpected<Failure> wrong_use(std::string message) {
  return std::unexpected(Failure{kWrongUse, std::move(message)});
}

inline std::unexpected<Failure> failed(std::string message) {
  return std::unexpected(Failure{kOperational, std::move(message)});
}

inline std::unexpected<Failure> failed(const Problem& problem) {
  const int status = problem.error == Error::invalid_argument ? kWrongUse : kOperational;
  return std::unexpected(Failure{status, problem.message});
}

inline std::unexpected<Failure> refused(Error reason, const std::string& meaning) {
  return std::unexpected(
      Failure{static_cast<int>(reason), std::string(error_name(reason)) + ": " + meaning});
}

using Command = std::function<Outcome<void>()>;

// Each adds a command, or a group of them, that sets `chosen` when it is on the command line.
void add_keyring_commands(CLI::App& app, Command& chosen);
void add_seal_command(CLI::App& app, Command& chosen);
void add_open_command(CLI::App& app, Command& chosen);
void add_inspect_command(CLI::App& app, Command& chosen);
void add_explain_command(CLI::App& app, Command& chosen);
void add_status_command(CLI::App& app, Command& chosen);
void add_revoke_command(CLI::App& app, Command& chosen);
void add_revocations_command(CLI::App& app, Command& chosen);

}  // namespace sealring::cli
