// SPDX-License-Identifier: Apache-2.0
#include "cookies/names.h"

#include <algorithm>
#include <optional>

namespace sealring::cookies {
namespace {

std::optional<unsigned> hex(char c) {
  const char l = lower(c);
  if (l >= '0' && l <= '9') return static_cast<unsigned>(l - '0');
  if (l >= 'a' && l <= 'f') return static_cast<unsigned>(l - 'a' + 10);
  return std::nullopt;
}

bool is_read_as_underscore(char c) {
  return c == '.' || c == '[' || c == '+' || c == ' ';
}

// Spaces are not part of it, although some applications read one as `_`: they also cut others off.
bool is_in_name(char c) {
  return c > ' ' && c <= '~' && c != '"' && c != ',' && c != '=';
}

}  // namespace

ReadForms::ReadForms(std::string_view name) noexcept {
  std::optional<std::size_t> nul, bracket;
  for (std::size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    if (c == '%' && i + 2 < name.size()) {
      const auto high = hex(name[i + 1]), low = hex(name[i + 2]);
      if (high && low) {
        c = static_cast<char>(16 * *high + *low);
        i += 2;
      }
    }
    if (size_ == text_.size()) {
      is_cut_ = true;
      break;
    }
    if (c == '\0' && !nul) nul = size_;
    if (c == '[' && !bracket) bracket = size_;
    text_[size_++] = is_read_as_underscore(c) ? '_' : c;
  }
  nul_ = nul.value_or(size_);
  bracket_ = std::min(bracket.value_or(size_), nul_);
}

bool is_read_as_is(std::string_view name) noexcept {
  return std::ranges::none_of(
      name, [](char c) { return c == '%' || c == '\0' || is_read_as_underscore(c); });
}

bool equal_letters(std::string_view a, std::string_view b) noexcept {
  const char* y = b.data();
  for (const char x : a) {
    if (x != *y && lower(x) != lower(*y)) return false;
    ++y;
  }
  return true;
}

bool equal_as_read(std::string_view name, const ReadForms& forms,
                   std::string_view listed) noexcept {
  return equal_in_any_case(name, listed) || equal_in_any_case(forms.whole(), listed) ||
         equal_in_any_case(forms.up_to_nul(), listed) ||
         equal_in_any_case(forms.up_to_bracket(), listed);
}

std::string_view PossibleNames::next() noexcept {
  while (at_ < pair_.size()) {
    const std::size_t begin = at_;
    const std::size_t found = pair_.find('=', begin);
    if (found == std::string_view::npos && begin != 0) break;
    std::size_t end = std::min(found, pair_.size());
    at_ = end + 1;
    while (end > begin && !is_in_name(pair_[end - 1])) --end;
    std::size_t start = end;
    while (start > begin && is_in_name(pair_[start - 1])) --start;
    if (found == std::string_view::npos) {  // only as a whole
      const bool whole = std::ranges::none_of(pair_.substr(0, start), is_in_name);
      at_ = pair_.size();
      return whole ? pair_.substr(start, end - start) : std::string_view();
    }
    if (end > start) return pair_.substr(start, end - start);
  }
  at_ = pair_.size();
  return {};
}

}  // namespace sealring::cookies
