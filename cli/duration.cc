// SPDX-License-Identifier: Apache-2.0
#include "duration.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sealring::cli {
namespace {

struct Unit {
  char letter;
  std::int64_t seconds;
};

constexpr std::int64_t kDay = 86400;
constexpr std::array kUnits = {
    Unit{'y', 365 * kDay}, Unit{'M', 30 * kDay}, Unit{'w', 7 * kDay}, Unit{'d', kDay},
    Unit{'h', 3600},       Unit{'m', 60},        Unit{'s', 1},
};

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  std::int64_t total = 0;
  auto unit = kUnits.begin();  // the longest that may still come
  for (;;) {
    std::uint64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));

    unit = std::find_if(unit, kUnits.end(), [letter = text.empty() ? 's' : text.front()](Unit one) {
      return one.letter == letter;
    });
    if (unit == kUnits.end()) return std::nullopt;
    std::int64_t seconds = 0;
    if (__builtin_mul_overflow(count, unit->seconds, &seconds) ||
        __builtin_add_overflow(total, seconds, &total)) {
      return std::nullopt;
    }
    ++unit;

    if (!text.empty()) text.remove_prefix(1);
    if (text.empty()) return total;
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
}

std::string format_duration(std::uint64_t seconds) {
  std::string text;
  int units = 0;
  for (const Unit& unit : kUnits) {
    if (unit.letter == 'M' || unit.letter == 'w') continue;  // days say it more plainly
    const auto length = static_cast<std::uint64_t>(unit.seconds);
    if (const std::uint64_t count = seconds / length; count != 0) {
      if (units++ != 0) text += ' ';
      text += std::to_string(count) + unit.letter;
    }
    if (units == 2) break;
    seconds %= length;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace sealring::cli
