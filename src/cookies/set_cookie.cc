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

struct Attribute {
  std::string_view name;
  std::string_view value;
};

// Reads one attribute after another.
class AttributeReader {
 public:
  explicit AttributeReader(std::string_view text) noexcept
      : at_(text.data()), end_(at_ + text.size()) {}

  std::optional<Attribute> next() noexcept {
    if (at_ == end_) return std::nullopt;
    const char* const name = at_ + 1;  // after the `;`
    const char* split = name;
    while (split != end_ && *split != '=' && *split != ';') ++split;
    at_ = split;
    while (at_ != end_ && *at_ != ';') ++at_;
    const char* const value = split == at_ ? split : split + 1;
    return Attribute{session::trimmed({name, split}), session::trimmed({value, at_})};
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace

std::optional<std::int64_t> Attributes::end(std::int64_t now) const noexcept {
  if (max_age) return now + *max_age;
  return expires;
}

// Of several with one name, the last counts.
Attributes parse_attributes(std::string_view text) noexcept {
  Attributes found;
  AttributeReader attributes(text);
  while (const auto attribute = attributes.next()) {
    if (equal_in_any_case(attribute->name, "Max-Age")) {
      if (const auto age = parse_max_age(attribute->value)) {
        found.max_age = age;
        found.max_age_text = attribute->value;
      }
    } else if (equal_in_any_case(attribute->name, "Expires")) {
      if (const auto date = parse_cookie_date(attribute->value)) found.expires = date;
    } else if (equal_in_any_case(attribute->name, "HttpOnly")) {
      found.http_only = true;
    } else if (equal_in_any_case(attribute->name, "Path")) {
      found.has_path = attribute->value.starts_with('/');
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
