// SPDX-License-Identifier: Apache-2.0
// The agent's status for Prometheus, at /metrics. It is what the control socket answers, but for
// the nodes: each of them is asked itself.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "http_server.h"
#include "listen_address.h"

namespace sealring::agent {

std::string metrics_text(const nlohmann::json& status, bool openmetrics);

// `status` is called for each request.
Explained<std::unique_ptr<HttpServer>> serve_metrics(Loop& loop, const ListenAddress& address,
                                                     std::function<nlohmann::json()> status);

}  // namespace sealring::agent
