// SPDX-License-Identifier: Apache-2.0
#include "base/day.h"

#include <gtest/gtest.h>

#include <ctime>

namespace sealring {
namespace {

TEST(Day, EndsAtMidnight) {
  EXPECT_EQ(end_of_day("1970-01-01"), 86'400);
  EXPECT_EQ(end_of_day("2027-01-31"), 1'801'440'000);
  EXPECT_EQ(end_of_day("9999-12-31"), 253'402'300'800);
}

TEST(Day, KnowsLeapYears) {
  for (const char* day : {"1972-02-29", "2000-02-29", "2028-02-29"}) EXPECT_TRUE(end_of_day(day));
  for (const char* day : {"2027-02-29", "2100-02-29"}) EXPECT_FALSE(end_of_day(day));
}

TEST(Day, IsWrittenInOneWay) {
  for (const char* text : {"", "2027", "2027-1-31", "2027-01-31 ", " 2027-01-31", "2027/01/31",
                           "27-01-2031", "2027-01-3x", "+027-01-31", "2027--1-31", "2027-00-01",
                           "2027-13-01", "2027-01-00", "2027-01-32", "2027-04-31", "1969-12-31"}) {
    EXPECT_FALSE(end_of_day(text)) << text;
  }
  EXPECT_FALSE(end_of_day(std::string_view("2027-01-3\0", 10)));
}

// Each day from 1970 to 2101 against the C library, and back.
TEST(Day, IsThatOfTheCLibrary) {
  for (std::int64_t time = 0; time < 131 * 366 * std::int64_t{86'400}; time += 86'400) {
    std::tm parts{};
    ASSERT_NE(gmtime_r(&time, &parts), nullptr);
    char expected[16];
    ASSERT_EQ(std::strftime(expected, sizeof expected, "%Y-%m-%d", &parts), 10U);
    for (const std::int64_t moment : {time, time + 86'399}) EXPECT_EQ(day_of(moment), expected);
    EXPECT_EQ(end_of_day(expected), time + 86'400);
  }
}

TEST(Day, HasFourDigitsOfTheYear) {
  EXPECT_EQ(day_of(253'402'300'799), "9999-12-31");
  EXPECT_FALSE(day_of(253'402'300'800));
  EXPECT_FALSE(day_of(-1));
  EXPECT_FALSE(day_of(INT64_MAX));
}

}  // namespace
}  // namespace sealring
