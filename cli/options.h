// SPDX-License-Identifier: Apache-2.0
// Options that several commands have.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>

#include "base/secret.h"
#include "command.h"

namespace sealring::cli {

// Adds a command with its help: what it does, and after the options an example.
CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& example);

// An option or, if the name is in capitals, an argument. `take` is called with its text.
CLI::Option* add_text_option(CLI::App& command, const std::string& name,
                             std::function<void(const std::string&)> take,
                             const std::string& description);

void add_ring_argument(CLI::App& command, std::string& path);
void add_list_argument(CLI::App& command, std::string& path);
void add_keyring_option(CLI::App& command, std::string& path);
void add_context_option(CLI::App& command, std::string& context);
void add_now_option(CLI::App& command, std::optional<std::int64_t>& now);
void add_time_option(CLI::App& command, const std::string& name, std::optional<std::int64_t>& time,
                     const std::string& description);
void add_duration_option(CLI::App& command, const std::string& name, std::int64_t& seconds,
                         const std::string& description);
void add_json_flag(CLI::App& command, bool& json);

// A token: an argument, which is used as it is, or standard input.
void add_token_argument(CLI::App& command, std::optional<std::string>& token);

// Reads at most one byte more than a token can have: enough for it to be refused.
Outcome<SecretBytes> read_token(const std::optional<std::string>& argument);

}  // namespace sealring::cli
