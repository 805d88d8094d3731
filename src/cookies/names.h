// SPDX-License-Identifier: Apache-2.0
// Names of cookies as applications read them, which do not all read them alike
// (spec/upstream-cookies.md section 1.1).
#pragma once

#include <array>
#include <string_view>

namespace sealring::cookies {

inline constexpr std::size_t kMaxName = 256;   // of a cookie that is sealed
inline constexpr std::size_t kMaxForm = 4096;  // browsers send no longer name

// The forms of a name that differ from it: decoded, the same up to its first NUL, and this up to
// its first `[`.
class ReadForms {
 public:
  explicit ReadForms(std::string_view name) noexcept;

  std::string_view whole() const noexcept { return {text_.data(), size_}; }
  std::string_view up_to_nul() const noexcept { return {text_.data(), nul_}; }
  std::string_view up_to_bracket() const noexcept { return {text_.data(), bracket_}; }
  // It has more than kMaxForm bytes, and what is here is its beginning.
  bool is_cut() const noexcept { return is_cut_; }

 private:
  std::array<char, kMaxForm> text_;
  std::size_t size_ = 0;
  std::size_t nul_ = 0;
  std::size_t bracket_ = 0;
  bool is_cut_ = false;
};

// Whether applications read the name as it is, so that all its forms are the name itself.
bool is_read_as_is(std::string_view name) noexcept;

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Whether they differ in case only. Both have the same size.
bool equal_letters(std::string_view a, std::string_view b) noexcept;

// Most are equal as they are.
inline bool equal_in_any_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && (a == b || equal_letters(a, b));
}

// Whether the names are the same for some application. `listed`: the whole form of a name.
bool equal_as_read(std::string_view name, const ReadForms& forms, std::string_view listed) noexcept;

// What could be the name of a cookie for some application, one after another: what is before each
// `=` of a pair or, without a `=`, the whole pair.
class PossibleNames {
 public:
  explicit PossibleNames(std::string_view pair) noexcept : pair_(pair) {}

  // Empty: there are no more.
  std::string_view next() noexcept;

 private:
  std::string_view pair_;
  std::size_t at_ = 0;
};

}  // namespace sealring::cookies
