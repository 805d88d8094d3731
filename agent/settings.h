// SPDX-License-Identifier: Apache-2.0
// What the agent is to do. Each setting is an option of the command line and a line of its file.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace sealring::agent {

inline constexpr const char* kDefaultConfiguration = "/etc/sealring/agent.conf";

struct Settings {
  std::vector<std::string> lists;
  std::int64_t max_staleness = 0;
  std::string socket = "/run/sealring/agent.sock";
  std::string control = "/run/sealring/control.sock";
};

struct Setting {
  const char* name;
  const char* type;
  const char* description;
  // Returns what was expected, if the text is something else.
  std::optional<std::string> (*set)(Settings& settings, const std::string& text);
};

std::span<const Setting> all_settings();

// Reads lines of the form "name = value". Empty lines do not count, nor do those that begin with
// "#".
Explained<void> read_configuration(const std::string& path, Settings& settings);

}  // namespace sealring::agent
