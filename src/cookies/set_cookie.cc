// SPDX-License-Identifier: Apache-2.0
#include "cookies/set_cookie.h"

#include <algorithm>

#include "cookies/cookie_date.h"
#include "cookies/names.h"
#include "session/cookie_header.h"

namespace sealring::cookies {
namespace {

// More than any browser lets a cookie live, so that sums do not overflow.
constexpr std::int64_t kLongestMaxAge = std::int64_t{1} << 53;

// None: it does not count.
std::optional<std::int64_t> parse_max_age(std::string_view text) {
  const bool negative = text.starts_with('-');
  const std::string_view digits = text.substr(negative ? 1 : 0);
  if (digits.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(10 * value + (c - '0'), kLongestMaxAge);
  }
  return negative ? 0 : value;
}

// The value of an attribute that has this name. None: it has another one.
template <std::size_t size>
std::optional<std::string_view> value_of(std::string_view attribute, const char (&name)[size]) {
  constexpr std::size_t kSize = size - 1;
  if (!equal_in_any_case(attribute.substr(0, kSize), {name, kSize})) return std::nullopt;
  const std::string_view rest = session::trimmed(attribute.substr(kSize));
  if (rest.empty()) return rest;
  if (rest.front() != '=') return std::nullopt;
  return session::trimmed(rest.substr(1));
}

}  // namespace

std::optional<std::int64_t> Attributes::end(std::int64_t now) const noexcept {
  if (max_age) return now + *max_age;
  return expires;
}

// Of several with one name, the last counts.
Attributes parse_attributes(std::string_view text) noexcept {
  Attributes found;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end;) {
    const char* const begin = at + 1;  // after the `;`
    at = std::find(begin, end, ';');
    const std::string_view attribute = session::trimmed({begin, at});
    switch (attribute.empty() ? '\0' : lower(attribute.front())) {
      case 'p':
        if (const auto path = value_of(attribute, "Path")) found.has_path = path->starts_with('/');
        break;
      case 'h':
        if (value_of(attribute, "HttpOnly")) found.http_only = true;
        break;
      case 'm':
        if (const auto number = value_of(attribute, "Max-Age")) {
          if (const auto age = parse_max_age(*number)) {
            found.max_age = age;
            found.max_age_text = *number;
          }
        }
        break;
      case 'e':
        if (const auto date_text = value_of(attribute, "Expires")) {
          if (const auto date = parse_cookie_date(*date_text)) found.expires = date;
        }
        break;
      default:
        break;
    }
  }
  return found;
}

SetCookie parse_set_cookie(std::string_view line) noexcept {
  const std::size_t end = std::min(line.find(';'), line.size());
  const std::string_view pair = line.substr(0, end);
  const std::size_t split = pair.find('=');
  SetCookie found{{}, {}, line.substr(end)};
  if (split == std::string_view::npos) return found;
  found.name = session::trimmed(pair.substr(0, split));
  if (!found.name.empty()) found.value = session::trimmed(pair.substr(split + 1));
  return found;
}

std::string_view default_path(std::string_view request_path) noexcept {
  if (!request_path.starts_with('/')) return "/";
  const std::size_t last = request_path.rfind('/');
  return last == 0 ? "/" : request_path.substr(0, last);
}

}  // namespace sealring::cookies
