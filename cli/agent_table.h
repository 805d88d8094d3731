// SPDX-License-Identifier: Apache-2.0
// An agent's status for people, as the tool and the agent itself print it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace sealring::cli {

std::string agent_text(const nlohmann::json& status);
// A table of nodes, as the status has them. `store` is its member of that name.
std::string nodes_text(const std::vector<nlohmann::json>& nodes, const nlohmann::json& store);

}  // namespace sealring::cli
