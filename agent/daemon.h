// SPDX-License-Identifier: Apache-2.0
// The running agent: its lists, its sockets, its signals.
#pragma once

#include "settings.h"

namespace sealring::agent {

// Until SIGTERM or SIGINT; what waits then is written first.
Explained<void> run(const Settings& settings);

}  // namespace sealring::agent
