// SPDX-License-Identifier: Apache-2.0
// Calendar days, UTC.
#include "module.h"

namespace sealring::nginx {
namespace {

constexpr int64_t kSecondsOfDay = 86400;

bool is_leap(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_of_month(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : kDays[month - 1];
}

// From 1970-01-01 to the first day of `year`.
int64_t days_before(int year) {
  const auto leap_days = [](int64_t y) { return y / 4 - y / 100 + y / 400; };
  return int64_t{365} * (year - 1970) + leap_days(year - 1) - leap_days(1969);
}

}  // namespace

bool parse_day(const ngx_str_t& text, int64_t* end_of_day) {
  if (text.len != 10 || text.data[4] != '-' || text.data[7] != '-') return false;
  const auto number = [&text](size_t at, size_t size) {
    return static_cast<int>(ngx_atoi(text.data + at, size));
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  // ngx_atoi says -1 for what is no number. Years before 1970 have no positive time.
  if (year < 1970 || month < 1 || month > 12) return false;
  if (day < 1 || day > days_of_month(year, month)) return false;

  int64_t days = days_before(year) + day;
  for (int before = 1; before < month; ++before) days += days_of_month(year, before);
  *end_of_day = days * kSecondsOfDay;
  return true;
}

}  // namespace sealring::nginx
