// SPDX-License-Identifier: Apache-2.0
// Counters in memory that the workers share, and the location that shows them.
#pragma once

#include "../module.h"
#include "sealring/status.h"

namespace sealring::nginx {

// session_status
char* set_status(ngx_conf_t* cf, ngx_command_t* command, void* conf);

// Null: no location shows them, and nothing is counted.
sealring_counters* counters_of(const MainConf* main);

}  // namespace sealring::nginx
