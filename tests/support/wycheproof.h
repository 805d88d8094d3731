// SPDX-License-Identifier: Apache-2.0
// Reads the files of Wycheproof, which are beside the checkout or missing.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "support/hex.h"

namespace sealring {

inline std::optional<nlohmann::json> read_wycheproof(const std::string& name) {
  std::ifstream file(SEALRING_SHARED_VECTORS "/wycheproof/" + name);
  if (!file) return std::nullopt;
  return nlohmann::json::parse(file);
}

inline std::vector<std::uint8_t> hex_member(const nlohmann::json& test, const char* name) {
  return from_hex(test.at(name).get<std::string>());
}

}  // namespace sealring
