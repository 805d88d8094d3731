// SPDX-License-Identifier: Apache-2.0
#include "base/day.h"

#include <chrono>

namespace sealring {
namespace {

using namespace std::chrono;

constexpr std::size_t kSize = std::string_view("2027-01-31").size();

std::optional<unsigned> number(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + static_cast<unsigned>(c - '0');
  }
  return value;
}

std::string digits(unsigned value, std::size_t size) {
  std::string text(size, '0');
  for (std::size_t i = size; i > 0; value /= 10) text[--i] = static_cast<char>('0' + value % 10);
  return text;
}

}  // namespace

std::optional<std::int64_t> end_of_day(std::string_view text) {
  if (text.size() != kSize || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto y = number(text.substr(0, 4)), m = number(text.substr(5, 2)),
             d = number(text.substr(8, 2));
  if (!y || !m || !d || *y < 1970) return std::nullopt;
  const year_month_day date{year(static_cast<int>(*y)), month(*m), day(*d)};
  if (!date.ok()) return std::nullopt;
  return seconds((sys_days(date) + days(1)).time_since_epoch()).count();
}

std::optional<std::string> day_of(std::int64_t time) {
  constexpr sys_seconds kEnd = sys_days(year(10000) / 1 / 1);
  if (time < 0 || time >= kEnd.time_since_epoch().count()) return std::nullopt;
  const year_month_day date(floor<days>(sys_seconds(seconds(time))));
  return digits(static_cast<unsigned>(static_cast<int>(date.year())), 4) + '-' +
         digits(static_cast<unsigned>(date.month()), 2) + '-' +
         digits(static_cast<unsigned>(date.day()), 2);
}

}  // namespace sealring
