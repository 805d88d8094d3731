// SPDX-License-Identifier: Apache-2.0
#include "cookies/cookie_date.h"

#include <algorithm>
#include <array>
#include <chrono>

namespace sealring::cookies {
namespace {

using namespace std::chrono;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_delimiter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
         (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

// A number of `least` to `most` digits at the beginning of `text`, which it takes off. No digit may
// follow.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t size = 0;
  int value = 0;
  while (size < text.size() && size <= most && is_digit(text[size])) {
    value = 10 * value + (text[size++] - '0');
  }
  if (size < least || size > most) return std::nullopt;
  text.remove_prefix(size);
  return value;
}

bool take_colon(std::string_view& text) {
  if (!text.starts_with(':')) return false;
  text.remove_prefix(1);
  return true;
}

struct Time {
  int hour, minute, second;
};

std::optional<Time> time_of(std::string_view token) {
  const auto hour = take_number(token, 1, 2);
  if (!hour || !take_colon(token)) return std::nullopt;
  const auto minute = take_number(token, 1, 2);
  if (!minute || !take_colon(token)) return std::nullopt;
  const auto second = take_number(token, 1, 2);
  if (!second) return std::nullopt;
  return Time{*hour, *minute, *second};
}

std::optional<int> month_of(std::string_view token) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  if (token.size() < 3) return std::nullopt;
  std::array<char, 3> start;
  std::ranges::transform(token.substr(0, 3), start.begin(),
                         [](char c) { return static_cast<char>(c | 0x20); });
  const auto found = std::ranges::find(kMonths, std::string_view(start.data(), start.size()));
  if (found == kMonths.end()) return std::nullopt;
  return static_cast<int>(found - kMonths.begin()) + 1;
}

std::optional<int> number_of(std::string_view token, std::size_t least, std::size_t most) {
  return take_number(token, least, most);
}

}  // namespace

std::optional<std::int64_t> parse_cookie_date(std::string_view text) noexcept {
  std::optional<Time> time;
  std::optional<int> day_number, month_number, year_number;
  while (!text.empty()) {
    const auto begin = std::ranges::find_if_not(text, is_delimiter);
    const auto end = std::find_if(begin, text.end(), is_delimiter);
    const std::string_view token(begin, end);
    text = std::string_view(end, text.end());
    if (!time && (time = time_of(token))) continue;
    if (!day_number && (day_number = number_of(token, 1, 2))) continue;
    if (!month_number && (month_number = month_of(token))) continue;
    if (!year_number) year_number = number_of(token, 2, 4);
  }
  if (!time || !day_number || !month_number || !year_number) return std::nullopt;
  if (*year_number < 100) *year_number += *year_number >= 70 ? 1900 : 2000;
  if (*year_number < 1601 || time->hour > 23 || time->minute > 59 || time->second > 59) {
    return std::nullopt;
  }
  const year_month_day date{year(*year_number), month(static_cast<unsigned>(*month_number)),
                            day(static_cast<unsigned>(*day_number))};
  if (!date.ok()) return std::nullopt;
  const auto moment =
      sys_days(date) + hours(time->hour) + minutes(time->minute) + seconds(time->second);
  return duration_cast<seconds>(moment.time_since_epoch()).count();
}

}  // namespace sealring::cookies
