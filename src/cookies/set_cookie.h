// SPDX-License-Identifier: Apache-2.0
// A Set-Cookie header as a browser reads it (RFC 6265 section 5.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sealring::cookies {

struct Attributes {
  std::string_view text;  // from the first `;` on
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
  Attributes attributes;
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
  explicit AttributeReader(std::string_view text) noexcept : text_(text) {}
  std::optional<Attribute> next() noexcept;

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};
bool is_max_age(const Attribute& attribute) noexcept;  // one that counts

}  // namespace sealring::cookies
