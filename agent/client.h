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

// Returns when the list has the revocation and the file is synced.
int revoke(const std::string& control, const RevokeRequest& request);

}  // namespace sealring::agent
