// SPDX-License-Identifier: Apache-2.0
// The commands that ask a running agent.
#pragma once

#include <string>

#include "control.h"

namespace sealring::agent {

// Exit statuses, which monitoring reads.
inline constexpr int kGood = 0, kNotGood = 1, kWrongUse = 2, kFailed = 3;

// Prints how the agent is, as a table or as JSON, and returns an exit status: whether all is good.
int print_status(const std::string& control, bool json);

// Publishes a ring, and returns when all nodes that follow it have it, or after so many seconds.
int publish(const std::string& control, const std::string& ring, std::int64_t patience);

}  // namespace sealring::agent
