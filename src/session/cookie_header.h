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

// RFC 6265bis section 4.1.1: the name of a cookie that a server sets is an HTTP token.
bool is_cookie_name(std::string_view text) noexcept;

// Without spaces and tabs around it.
inline std::string_view trimmed(std::string_view text) noexcept {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  const char* begin = text.data();
  const char* end = begin + text.size();
  while (begin != end && is_blank(*begin)) ++begin;
  while (begin != end && is_blank(end[-1])) --end;
  return {begin, end};
}

// Reads one cookie after another and skips what is not a cookie.
//   CookieReader cookies(header);
//   while (const auto cookie = cookies.next()) ...
class CookieReader {
 public:
  explicit CookieReader(std::string_view header) noexcept : header_(header) {}
  std::optional<Cookie> next() noexcept;

  // The next part of the header, with an empty name if it is not a cookie. Where a header ends, or
  // is empty, there is no part.
  std::optional<Cookie> next_part() noexcept;

 private:
  std::string_view header_;
  std::size_t at_ = 0;
};

// Whether `name` is the name of a session's cookie `session`, of one of its other parts, however
// many parts a session may use, or of its bound cookie.
bool is_cookie_of(std::string_view session, std::string_view name) noexcept;

// Takes the cookies of a session out of a header: gives one after another, and writes what is left
// of the header to `out`, which holds header.size() bytes. All other bytes are unchanged.
class CookieCutter {
 public:
  CookieCutter(std::string_view session, std::string_view header, char* out) noexcept
      : session_(session), header_(header), cookies_(header), out_(out), end_(out) {}

  // The session's next cookie.
  std::optional<Cookie> next() noexcept;

  // How many bytes are left, when there is no next cookie.
  std::size_t size() const noexcept { return static_cast<std::size_t>(end_ - out_); }

 private:
  void keep(std::size_t end) noexcept;

  std::string_view session_;
  std::string_view header_;
  CookieReader cookies_;
  std::size_t done_ = 0;  // what is before it has been handled
  char* out_;
  char* end_;
};

}  // namespace sealring::session
