// SPDX-License-Identifier: Apache-2.0
#include "agent/log.h"

#include <gtest/gtest.h>

namespace sealring::agent {
namespace {

TEST(Log, ALineIsOneLine) {
  EXPECT_EQ(one_line("list \"/a\nb\": \x1b[2J\x7f\t\xc3\xa4"), "list \"/a?b\": ?[2J??\xc3\xa4");
}

TEST(Log, ALineHasNoControlCharactersOfC1) {
  EXPECT_EQ(one_line("a\xc2\x9b[2J\xc2\x85\xc3\xa4"), "a?[2J?\xc3\xa4");
  EXPECT_EQ(one_line("not UTF-8: \x9b[2J"), "not UTF-8: ?[2J");
}

TEST(Log, ALineEndsWithAWholeCharacter) {
  for (const std::string character : {"\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x94\x91"}) {
    for (std::size_t before = 0; before <= character.size(); ++before) {
      const std::string start(kMaxLine - before, 'x');
      EXPECT_EQ(one_line(start + character + "end"),
                before < character.size() ? start : start + character);
    }
  }
}

TEST(Log, ALineIsNotLong) {
  EXPECT_EQ(one_line(std::string(kMaxLine, 'x')).size(), kMaxLine);
  EXPECT_EQ(one_line(std::string(100000, 'x')).size(), kMaxLine);
  EXPECT_EQ(one_line(std::string(100000, '\x80')), std::string(kMaxLine, '?'));
}

}  // namespace
}  // namespace sealring::agent
