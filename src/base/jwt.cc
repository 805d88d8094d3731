// SPDX-License-Identifier: Apache-2.0
#include "base/jwt.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sealring::jwt {

std::optional<std::uint64_t> read_time(const json::Value& value, std::uint64_t latest) noexcept {
  if (value.kind != json::Kind::number) return std::nullopt;
  const char* const begin = value.text.data();
  const char* const end = begin + value.text.size();
  std::uint64_t whole = 0;
  if (const auto read = std::from_chars(begin, end, whole);
      read.ec == std::errc{} && read.ptr == end) {
    return std::min(whole, latest);
  }
  double seconds = 0;
  if (std::from_chars(begin, end, seconds).ec != std::errc{}) return std::nullopt;
  if (seconds <= 0) return 0;
  if (seconds >= static_cast<double>(latest)) return latest;
  return static_cast<std::uint64_t>(std::ceil(seconds));
}

std::optional<bool> names(const json::Value& value, std::string_view text) noexcept {
  if (value.kind == json::Kind::string) return json::says(value, text);
  if (value.kind != json::Kind::array) return std::nullopt;
  bool found = false;
  json::ArrayReader elements(value);
  while (const auto element = elements.next()) {
    if (element->kind != json::Kind::string) return std::nullopt;
    found = found || json::says(*element, text);
  }
  return found;
}

}  // namespace sealring::jwt
