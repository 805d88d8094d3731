// SPDX-License-Identifier: Apache-2.0
// The keys of a vector, as `keyring list` shows them.
#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "keys/key.h"

namespace sealring {

inline void expect_listed(std::span<const Key> keys, const nlohmann::json& listed) {
  ASSERT_EQ(keys.size(), listed.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_EQ(keys[i].kid, listed[i].at("kid").get<std::string>());
    EXPECT_EQ(row(keys[i].algorithm).name, listed[i].at("alg").get<std::string>());
    EXPECT_EQ(keys[i].seal_from, listed[i].at("seal_from"));
    EXPECT_EQ(keys[i].open_until, listed[i].at("open_until"));
    EXPECT_EQ(!keys[i].may_seal, listed[i].at("open_only"));
  }
}

}  // namespace sealring
