// SPDX-License-Identifier: Apache-2.0
// Cookie headers as servers receive them (spec/session.md section 3.1).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace sealring::session {

// A cookie, and its part of the header: after one `;` up to the next, without either.
struct Cookie {
  std::string_view name;
  std::string_view value;
  std::size_t begin;
  std::size_t end;
};

// Reads one cookie after another and skips what is not a cookie.
//   CookieReader cookies(header);
//   while (const auto cookie = cookies.next()) ...
class CookieReader {
 public:
  explicit CookieReader(std::string_view header) noexcept : header_(header) {}
  std::optional<Cookie> next() noexcept;

 private:
  std::string_view header_;
  std::size_t at_ = 0;
};

// Whether `name` is the name of a session's cookie `session` or of one of its other parts, however
// many parts a session may use.
bool is_cookie_of(std::string_view session, std::string_view name) noexcept;

// Writes the header without the cookies of a session; all other bytes are unchanged. `out` holds
// header.size() bytes and may be the header itself, because writing never overtakes reading.
// Returns how many bytes were written.
std::size_t cut_cookies_of(std::string_view session, std::string_view header, char* out) noexcept;

}  // namespace sealring::session
