// SPDX-License-Identifier: Apache-2.0
// What an agent does about the rings that the store has.
#include "agent/fleet/rings.h"

#include <gtest/gtest.h>

namespace sealring::agent {
namespace {

RingPlan plan(std::vector<std::string> fields, std::uint64_t own,
              const RefusedRings& refused = {}) {
  return plan_for_ring(fields, own, refused);
}

TEST(RingPlan, WithoutARing) {
  EXPECT_FALSE(plan({}, 0).fetch);
  EXPECT_FALSE(plan({}, 0).offer);
  EXPECT_EQ(plan({"1", "3", "2"}, 0).fetch, "3");
  EXPECT_TRUE(plan({"1", "3", "2"}, 0).remove.empty());
}

TEST(RingPlan, OnlyWhatIsNewerIsFetched) {
  EXPECT_FALSE(plan({"1", "7"}, 7).fetch);
  EXPECT_EQ(plan({"7", "10", "9"}, 7).fetch, "10") << "as numbers";
  EXPECT_EQ(plan({"7", "10", "9"}, 7, {{"10", ""}}).fetch, "9");
  EXPECT_FALSE(plan({"7", "10", "9"}, 7, {{"9", ""}, {"10", ""}}).fetch);
}

TEST(RingPlan, WhatTheStoreLacksIsPutIntoIt) {
  EXPECT_TRUE(plan({}, 7).offer);
  EXPECT_TRUE(plan({"6"}, 7).offer);
  EXPECT_FALSE(plan({"6", "7"}, 7).offer);
}

TEST(RingPlan, OlderOnesAreRemoved) {
  EXPECT_EQ(plan({"6", "7", "5", "8"}, 7).remove, (std::vector<std::string>{"6", "5"}));
}

TEST(RingPlan, WhatIsNoGenerationIsIgnored) {
  for (const char* const field : {"", "0", "08", "-1", "+9", "9x", " 9", "x", "9007199254740992",
                                  "99999999999999999999999"}) {
    const RingPlan made = plan({field}, 0);
    EXPECT_FALSE(made.fetch) << field;
    EXPECT_TRUE(plan({field}, 1).remove.empty()) << field;
  }
  EXPECT_EQ(plan({"9007199254740991"}, 7).fetch, "9007199254740991");
}

}  // namespace
}  // namespace sealring::agent
