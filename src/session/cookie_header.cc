// SPDX-License-Identifier: Apache-2.0
#include "session/cookie_header.h"

#include <algorithm>
#include <cstring>

namespace sealring::session {
namespace {

constexpr std::string_view kBlanks = " \t";

std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<Cookie> CookieReader::next() noexcept {
  while (at_ < header_.size()) {
    const std::size_t begin = at_;
    const std::size_t end = std::min(header_.find(';', begin), header_.size());
    at_ = end + 1;
    const std::string_view part = trimmed(header_.substr(begin, end - begin));
    const std::size_t split = part.find('=');
    if (split == std::string_view::npos || split == 0) continue;
    return Cookie{trimmed(part.substr(0, split)), trimmed(part.substr(split + 1)), begin, end};
  }
  return std::nullopt;
}

bool is_cookie_of(std::string_view session, std::string_view name) noexcept {
  if (!name.starts_with(session)) return false;
  const std::string_view rest = name.substr(session.size());
  return rest.empty() || (rest.size() == 2 && rest[0] == '-' && rest[1] >= '1' && rest[1] <= '8');
}

std::size_t cut_cookies_of(std::string_view session, std::string_view header, char* out) noexcept {
  char* end = out;
  const auto keep = [&end](std::string_view text) {
    if (!text.empty()) std::memmove(end, text.data(), text.size());
    end += text.size();
  };

  std::size_t kept = 0;  // everything before it has been handled
  CookieReader cookies(header);
  while (const auto cookie = cookies.next()) {
    if (!is_cookie_of(session, cookie->name)) continue;
    if (cookie->begin > kept) keep(header.substr(kept, cookie->begin - kept));
    kept = std::min(cookie->end + 1, header.size());
    if (end == out) {  // it was the first cookie: the rest is now the start
      kept = std::min(header.find_first_not_of(kBlanks, kept), header.size());
    }
  }
  keep(header.substr(kept));
  // If the last cookie was removed, also remove the `;` before it.
  if (kept == header.size() && kept != 0 && end != out && end[-1] == ';') --end;
  return static_cast<std::size_t>(end - out);
}

}  // namespace sealring::session
