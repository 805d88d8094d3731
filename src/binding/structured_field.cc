// SPDX-License-Identifier: Apache-2.0
#include "binding/structured_field.h"

#include <algorithm>

namespace sealring::binding {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_letter(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}

bool is_printable(char c) {
  return c >= ' ' && c <= '~';
}

bool is_in(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

// Takes one thing after another from the front. A function returns false if something else is
// there; what is left is then of no use.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  void skip_spaces() {
    skip([](char c) { return c == ' '; });
  }
  bool is_over() const { return rest_.empty(); }

  // Writes the String to `out`, which is advanced. Null: it is only skipped.
  bool take_string(char** out) {
    if (!take('"')) return false;
    while (!rest_.empty()) {
      char c = next();
      if (c == '"') return true;
      if (c == '\\') {
        if (rest_.empty()) return false;
        c = next();
        if (c != '"' && c != '\\') return false;
      }
      if (!is_printable(c)) return false;
      if (out != nullptr) *(*out)++ = c;
    }
    return false;
  }

  bool skip_parameters() {
    while (take(';')) {
      skip_spaces();
      if (!skip_key() || (take('=') && !skip_bare_item())) return false;
    }
    return true;
  }

 private:
  char next() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  template <class Predicate>
  std::size_t skip(Predicate belongs) {
    const auto end = std::ranges::find_if_not(rest_, belongs);
    const auto size = static_cast<std::size_t>(end - rest_.begin());
    rest_.remove_prefix(size);
    return size;
  }

  bool skip_key() {
    if (rest_.empty() || !(is_lower(rest_.front()) || rest_.front() == '*')) return false;
    skip([](char c) { return is_lower(c) || is_digit(c) || is_in(c, "_-.*"); });
    return true;
  }

  bool skip_bare_item() {
    if (rest_.empty()) return false;
    const char first = rest_.front();
    if (first == '"') return take_string(nullptr);
    if (first == '-' || is_digit(first)) return skip_number();
    if (first == ':') return skip_bytes();
    if (take('?')) return take('0') || take('1');
    if (first != '*' && !is_letter(first)) return false;
    skip([](char c) { return is_letter(c) || is_digit(c) || is_in(c, "!#$%&'*+-.^_`|~:/"); });
    return true;
  }

  bool skip_number() {
    take('-');
    const std::size_t whole = skip(is_digit);
    if (whole == 0) return false;
    if (!take('.')) return whole <= 15;
    const std::size_t fraction = skip(is_digit);
    return whole <= 12 && fraction >= 1 && fraction <= 3;
  }

  bool skip_bytes() {
    take(':');
    skip([](char c) { return is_letter(c) || is_digit(c) || is_in(c, "+/="); });
    return take(':');
  }

  std::string_view rest_;
};

}  // namespace

Result<std::string_view> read_string_item(std::string_view value, MutableBytes room) noexcept {
  char* const begin = reinterpret_cast<char*>(room.data());
  char* end = begin;
  Reader in(value);
  in.skip_spaces();
  if (!in.take_string(&end) || !in.skip_parameters()) return std::unexpected(Error::malformed);
  in.skip_spaces();
  if (!in.is_over()) return std::unexpected(Error::malformed);
  return std::string_view(begin, static_cast<std::size_t>(end - begin));
}

Result<std::string_view> read_sent_string(std::string_view value, MutableBytes room) noexcept {
  const auto plain = [](char c) { return is_letter(c) || is_digit(c) || is_in(c, "-_."); };
  if (!value.empty() && std::ranges::all_of(value, plain)) return value;
  return read_string_item(value, room);
}

Result<void> append_string(std::string_view text, std::string& value) {
  if (!std::ranges::all_of(text, is_printable)) return std::unexpected(Error::invalid_argument);
  value += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') value += '\\';
    value += c;
  }
  value += '"';
  return {};
}

}  // namespace sealring::binding
