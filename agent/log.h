// SPDX-License-Identifier: Apache-2.0
// Lines for the operator on standard error. Under systemd each begins with its level, as the
// journal reads it (sd-daemon(3)).
#pragma once

#include <string>

namespace sealring::agent {

enum class Level { error = 3, warning = 4, notice = 5 };

void log(Level level, const std::string& message);

}  // namespace sealring::agent
