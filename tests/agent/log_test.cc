// SPDX-License-Identifier: Apache-2.0
#include "agent/log.h"

#include <gtest/gtest.h>

namespace sealring::agent {
namespace {

TEST(Log, ALineIsOneLine) {
  EXPECT_EQ(one_line("list \"/a\nb\": \x1b[2J\x7f\t\xc3\xa4"), "list \"/a?b\": ?[2J??\xc3\xa4");
}

TEST(Log, ALineIsNotLong) {
  EXPECT_EQ(one_line(std::string(kMaxLine, 'x')).size(), kMaxLine);
  EXPECT_EQ(one_line(std::string(100000, 'x')).size(), kMaxLine);
}

}  // namespace
}  // namespace sealring::agent
