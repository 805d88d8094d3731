// SPDX-License-Identifier: Apache-2.0
#include "session/cookie_header.h"

#include <algorithm>
#include <cstring>

#include "binding/policy.h"

namespace sealring::session {
namespace {

constexpr std::string_view kBlanks = " \t";

}  // namespace

bool is_cookie_name(std::string_view text) noexcept {
  static constexpr std::string_view kSeparators = "()<>@,;:\\\"/[]?={}";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && c < 127 && !kSeparators.contains(c);
  });
}

std::optional<Cookie> CookieReader::next_part() noexcept {
  if (at_ >= header_.size()) return std::nullopt;
  const std::size_t begin = at_;
  const std::size_t end = std::min(header_.find(';', begin), header_.size());
  at_ = end + 1;
  const std::string_view part = header_.substr(begin, end - begin);
  const std::size_t split = part.find('=');
  if (split == std::string_view::npos) return Cookie{{}, {}, begin, end};
  return Cookie{trimmed(part.substr(0, split)), trimmed(part.substr(split + 1)), begin, end};
}

std::optional<Cookie> CookieReader::next() noexcept {
  while (const auto part = next_part()) {
    if (!part->name.empty()) return part;
  }
  return std::nullopt;
}

bool is_cookie_of(std::string_view session, std::string_view name) noexcept {
  if (!name.starts_with(session)) return false;
  const std::string_view rest = name.substr(session.size());
  return rest.empty() || rest == binding::kBoundSuffix ||
         (rest.size() == 2 && rest[0] == '-' && rest[1] >= '1' && rest[1] <= '8');
}

std::optional<Cookie> CookieCutter::next() noexcept {
  while (const auto cookie = cookies_.next()) {
    if (!is_cookie_of(session_, cookie->name)) continue;
    keep(cookie->begin);
    done_ = std::min(cookie->end + 1, header_.size());
    if (end_ == out_) {  // it was the first cookie: the rest is now the start
      done_ = std::min(header_.find_first_not_of(kBlanks, done_), header_.size());
    }
    return cookie;
  }
  const bool last_removed = done_ == header_.size() && done_ != 0;
  keep(header_.size());
  if (last_removed && end_ != out_ && end_[-1] == ';') --end_;  // also the `;` before it
  return std::nullopt;
}

void CookieCutter::keep(std::size_t end) noexcept {
  if (end <= done_) return;
  std::memcpy(end_, header_.data() + done_, end - done_);
  end_ += end - done_;
  done_ = end;
}

}  // namespace sealring::session
