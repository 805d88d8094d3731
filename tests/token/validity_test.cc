// SPDX-License-Identifier: Apache-2.0
#include "token/validity.h"

#include <gtest/gtest.h>

namespace sealring {
namespace {

TEST(Validity, ExpiresExactly) {
  EXPECT_TRUE(check_validity({10, 20}, 19));
  EXPECT_EQ(check_validity({10, 20}, 20).error(), Error::expired);
  EXPECT_TRUE(check_validity({10, 0}, INT64_MAX));
}

TEST(Validity, AllowsForClocksThatDiffer) {
  EXPECT_TRUE(check_validity({100, 0}, 40));
  EXPECT_EQ(check_validity({100, 0}, 39).error(), Error::not_yet_valid);
  EXPECT_EQ(check_validity({100, 1}, 39).error(), Error::not_yet_valid) << "the first that applies";
}

TEST(Validity, TimesDoNotWrap) {
  EXPECT_EQ(times_for(5, 0).expires_at, 0U);
  EXPECT_EQ(times_for(5, 10).expires_at, 15U);
  EXPECT_EQ(times_for(5, UINT64_MAX).expires_at, UINT64_MAX);
}

}  // namespace
}  // namespace sealring
