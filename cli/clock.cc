// SPDX-License-Identifier: Apache-2.0
#include "clock.h"

#include <array>
#include <ctime>

#include "duration.h"

namespace sealring::cli {
namespace {

std::string calendar_time(std::uint64_t time, std::tm* (*convert)(const std::time_t*, std::tm*)) {
  const auto seconds = static_cast<std::time_t>(time);
  std::tm parts{};
  if (seconds >= 0 && convert(&seconds, &parts) != nullptr) {
    std::array<char, 64> text;
    // %Z of gmtime is GMT.
    const char* format = convert == gmtime_r ? "%Y-%m-%d %H:%M:%S UTC" : "%Y-%m-%d %H:%M:%S %Z";
    const std::size_t size = std::strftime(text.data(), text.size(), format, &parts);
    if (size != 0) return {text.data(), size};
  }
  return std::to_string(time) + " s after 1970";
}

}  // namespace

std::int64_t current_time() {
  return std::time(nullptr);
}

std::string utc_time(std::uint64_t time) {
  return calendar_time(time, gmtime_r);
}

std::string local_time(std::uint64_t time) {
  tzset();  // localtime_r need not
  return calendar_time(time, localtime_r);
}

std::string utc_time_and_distance(std::uint64_t time, std::int64_t now) {
  const auto from = static_cast<std::uint64_t>(now);
  return utc_time(time) + (time > from ? " (in " + format_duration(time - from) + ")"
                                       : " (" + format_duration(from - time) + " ago)");
}

}  // namespace sealring::cli
