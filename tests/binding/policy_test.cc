// SPDX-License-Identifier: Apache-2.0
#include "binding/policy.h"

#include <gtest/gtest.h>

namespace sealring::binding {
namespace {

constexpr Settings kSettings{.refresh = 600, .grace = 60};

TEST(Policy, OfABoundCookie) {
  EXPECT_EQ(standing(false, std::nullopt, 100, kSettings), Standing::unbound);
  EXPECT_EQ(standing(false, 200, 100, kSettings), Standing::unbound);
  EXPECT_EQ(standing(true, std::nullopt, 100, kSettings), Standing::refused);
  EXPECT_EQ(standing(true, 200, 199, kSettings), Standing::bound);
  EXPECT_EQ(standing(true, 200, 200, kSettings), Standing::grace);
  EXPECT_EQ(standing(true, 200, 259, kSettings), Standing::grace);
  EXPECT_EQ(standing(true, 200, 260, kSettings), Standing::refused);
  EXPECT_EQ(standing(true, INT64_MAX - 5, INT64_MAX - 1, kSettings), Standing::grace);
}

TEST(Policy, OfTheSidFromBefore) {
  EXPECT_EQ(end_of_prior(1000, 1000, false, kSettings), 1060);
  EXPECT_EQ(end_of_prior(1059, 1000, false, kSettings), 1060);
  EXPECT_EQ(end_of_prior(1061, 1000, false, kSettings), 1061);
  EXPECT_EQ(end_of_prior(1010, 1000, true, kSettings), 1010);
  EXPECT_EQ(end_of_prior(0, INT64_MAX - 1, false, kSettings), INT64_MAX);
}

}  // namespace
}  // namespace sealring::binding
