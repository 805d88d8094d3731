// SPDX-License-Identifier: Apache-2.0
// JSON for standard output.
#pragma once

#include <string>

namespace sealring::cli {

// Names that users and files choose need not be UTF-8.
template <class Json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sealring::cli
