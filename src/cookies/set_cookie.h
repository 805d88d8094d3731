// SPDX-License-Identifier: Apache-2.0
// A Set-Cookie header as a browser reads it (RFC 6265 section 5.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sealring::cookies {

struct Attributes {
  std::optional<std::int64_t> max_age;
  std::string_view max_age_text;  // the number, within the text
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

}  // namespace sealring::cookies
