// SPDX-License-Identifier: Apache-2.0
// A Set-Cookie header as a browser reads it (RFC 6265 section 5.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "session/cookie_header.h"

namespace sealring::cookies {

struct Attributes {
  std::optional<std::int64_t> max_age;
  std::optional<std::int64_t> expires;
  bool http_only = false;
  bool has_path = false;  // one that counts

  // The moment when the cookie ends. None: with the browser's session.
  std::optional<std::int64_t> end(std::int64_t now) const noexcept;
};

// `text` is empty or begins with `;`.
Attributes parse_attributes(std::string_view text) noexcept;

struct SetCookie {
  std::string_view name;  // empty: it has none
  std::string_view value;
  std::string_view attributes;  // from the first `;` on
};

SetCookie parse_set_cookie(std::string_view line) noexcept;

// The path of a cookie without a Path, from the request's: what is before its `?`, not decoded.
std::string_view default_path(std::string_view request_path) noexcept;

// One attribute after another.
//   AttributeReader attributes(text);
//   while (const auto attribute = attributes.next()) ...
struct Attribute {
  std::string_view name;
  std::string_view value;
};
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
bool is_max_age(const Attribute& attribute) noexcept;  // one that counts

}  // namespace sealring::cookies
