// SPDX-License-Identifier: Apache-2.0
// Asks a server or an agent of this network, and reads its whole answer.
#pragma once

#include "command.h"

namespace sealring::cli {

// The body of a GET of an "http://HOST[:PORT]/PATH" URL, as JSON where the server has a choice.
Outcome<std::string> ask_server(const std::string& url);

// The answer to the agent's request "status" at the UNIX socket `path`.
Outcome<std::string> ask_agent(const std::string& path);

}  // namespace sealring::cli
