// SPDX-License-Identifier: Apache-2.0
// A server's status for people.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace sealring::cli {

std::string server_text(const nlohmann::json& report);

}  // namespace sealring::cli
