// SPDX-License-Identifier: Apache-2.0
// The cases of spec/vectors; spec/vectors/README.md says what is in them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/hex.h"
#include "support/temporary_folder.h"

namespace sealring {

// The names of the cases whose file names begin with one of `beginnings`, in alphabetic order.
inline std::vector<std::string> vector_names(std::initializer_list<std::string_view> beginnings) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(SEALRING_VECTORS)) {
    const std::string name = entry.path().stem();
    const bool wanted = std::ranges::any_of(
        beginnings, [&](std::string_view beginning) { return name.starts_with(beginning); });
    if (wanted && entry.path().extension() == ".json") names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

inline nlohmann::json read_vector(const std::string& name) {
  return nlohmann::json::parse(read_text(SEALRING_VECTORS "/" + name + ".json"));
}

// For INSTANTIATE_TEST_SUITE_P.
inline std::string vector_test_name(const ::testing::TestParamInfo<std::string>& info) {
  return info.param;
}

}  // namespace sealring
