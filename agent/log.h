// SPDX-License-Identifier: Apache-2.0
// Lines for the operator on standard error. Under systemd each begins with its level, as the
// journal reads it (sd-daemon(3)).
#pragma once

#include <string>
#include <string_view>

namespace sealring::agent {

enum class Level { error = 3, warning = 4, notice = 5 };

inline constexpr std::size_t kMaxLine = 2048;

// What is logged of a message: its beginning, with `?` in place of control characters and of what
// is not UTF-8.
std::string one_line(std::string_view message);

void log(Level level, const std::string& message);

}  // namespace sealring::agent
