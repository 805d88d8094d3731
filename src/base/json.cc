// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <algorithm>
#include <array>

#include "base/plain_text.h"
#include "base/utf8.h"

namespace sealring::json {
namespace {

struct Escape {
  char character;
  char letter;
};
constexpr Escape kEscapes[] = {{'"', '"'},  {'\\', '\\'}, {'\b', 'b'}, {'\f', 'f'},
                               {'\n', 'n'}, {'\r', 'r'},  {'\t', 't'}};

// What each byte means within a string: the letter of its escape, one of these, or 0: it is plain.
constexpr char kControl = 1;
constexpr char kHighBit = 2;

constexpr auto kInString = [] {
  std::array<char, 256> kinds{};
  for (std::size_t c = 0; c < 0x20; ++c) kinds[c] = kControl;
  for (std::size_t c = 0x80; c < 0x100; ++c) kinds[c] = kHighBit;
  for (const Escape& escape : kEscapes) {
    kinds[static_cast<std::uint8_t>(escape.character)] = escape.letter;
  }
  return kinds;
}();

char in_string(char c) {
  return kInString[static_cast<std::uint8_t>(c)];
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// The number that 4 hex digits give, or kNoNumber, which is above all of them.
constexpr std::uint32_t kNoNumber = 1U << 16;

std::uint32_t from_hex(std::string_view digits) {
  if (digits.size() < 4) return kNoNumber;
  std::uint32_t number = 0;
  for (const char c : digits.substr(0, 4)) {
    const char letter = static_cast<char>(c | 0x20);
    if (!is_digit(c) && (letter < 'a' || letter > 'f')) return kNoNumber;
    number = number << 4 | static_cast<std::uint32_t>(is_digit(c) ? c - '0' : letter - 'a' + 10);
  }
  return number;
}

bool is_half(char32_t point) {
  return point >= 0xd800 && point <= 0xdfff;
}

// The escape at the start of a text that begins with a backslash. An unpaired half of a surrogate
// pair is returned as it is.
utf8::Character read_escape(std::string_view text) {
  if (text.size() < 2) return {};
  if (text[1] == '/') return {'/', 2};
  if (text[1] != 'u') {
    for (const Escape& escape : kEscapes) {
      if (escape.letter == text[1]) return {static_cast<char32_t>(escape.character), 2};
    }
    return {};
  }
  const std::uint32_t unit = from_hex(text.substr(2));
  if (unit == kNoNumber) return {};
  const bool begins_pair = unit >= 0xd800 && unit <= 0xdbff && text.substr(6).starts_with("\\u");
  const std::uint32_t low = begins_pair ? from_hex(text.substr(8)) : kNoNumber;
  if (low < 0xdc00 || low > 0xdfff) return {unit, 6};
  return {0x10000 + ((unit - 0xd800) << 10 | (low - 0xdc00)), 12};
}

// The string was scanned before, so a character is there.
char32_t take_character(std::string_view& text) {
  const auto character = text.front() == '\\' ? read_escape(text) : utf8::first_character(text);
  text.remove_prefix(character.size);
  return character.point;
}

bool same(const Value& a, const Value& b) {
  if (!a.escaped && !b.escaped) return a.text == b.text;
  std::string_view left = a.text, right = b.text;
  while (!left.empty() && !right.empty()) {
    if (take_character(left) != take_character(right)) return false;
  }
  return left.empty() && right.empty();
}

}  // namespace

inline void Scanner::skip_space() noexcept {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

inline bool Scanner::take(char c) noexcept {
  skip_space();
  if (at_ == end_ || *at_ != c) return false;
  ++at_;
  return true;
}

bool Scanner::at_end() noexcept {
  skip_space();
  return at_ == end_;
}

std::optional<Value> Scanner::take_name() noexcept {
  skip_space();
  if (at_ == end_ || *at_ != '"') return std::nullopt;
  auto name = take_string();
  if (name && !take(':')) return std::nullopt;
  return name;
}

std::optional<Value> Scanner::take_value(std::size_t levels) noexcept {
  skip_space();
  if (at_ == end_) return std::nullopt;
  const char* const begin = at_;
  if (*begin == '"') return take_string();
  const bool container = *begin == '{' || *begin == '[';
  const bool number = *begin == '-' || is_digit(*begin);
  const Kind kind = *begin == '{' ? Kind::object
                    : container   ? Kind::array
                    : number      ? Kind::number
                                  : Kind::literal;
  const bool taken = container ? skip_container(levels) : number ? skip_number() : skip_literal();
  if (!taken) return std::nullopt;
  return Value{kind, {begin, static_cast<std::size_t>(at_ - begin)}};
}

std::optional<Value> Scanner::take_string() noexcept {
  const char* const begin = ++at_;
  bool escaped = false;
  for (;;) {
    at_ = skip_plain(at_, end_);
    if (at_ == end_) return std::nullopt;
    const char kind = in_string(*at_);
    if (kind == kHighBit) {
      const std::size_t size = utf8::first_character(rest()).size;
      if (size == 0) return std::nullopt;
      at_ += size;
    } else if (kind == '\\') {
      if (!skip_escape()) return std::nullopt;
      escaped = true;
    } else if (kind == '"') {
      const Value string{Kind::string, {begin, static_cast<std::size_t>(at_ - begin)}, escaped};
      ++at_;
      return string;
    } else {
      return std::nullopt;
    }
  }
}

bool Scanner::skip_escape() noexcept {
  const utf8::Character character = read_escape(rest());
  at_ += character.size;
  return character.size != 0 && (halves_ == Halves::accepted || !is_half(character.point));
}

bool Scanner::skip_container(std::size_t levels) noexcept {
  if (levels == 0) return false;
  const bool object = *at_ == '{';
  const char close = object ? '}' : ']';
  ++at_;
  if (take(close)) return true;
  do {
    if (object && !take_name()) return false;
    if (!take_value(levels - 1)) return false;
  } while (take(','));
  return take(close);
}

bool Scanner::skip_literal() noexcept {
  for (const std::string_view literal : {"true", "false", "null"}) {
    if (!rest().starts_with(literal)) continue;
    at_ += literal.size();
    return true;
  }
  return false;
}

void Scanner::skip_digits() noexcept {
  while (at_ != end_ && is_digit(*at_)) ++at_;
}

bool Scanner::skip_number() noexcept {
  const auto digits = [this] {
    const char* const begin = at_;
    skip_digits();
    return at_ != begin;
  };
  const auto have = [this](char c) { return at_ != end_ && *at_ == c; };
  if (have('-')) ++at_;
  if (have('0')) {
    ++at_;
  } else if (!digits()) {
    return false;
  }
  if (have('.')) {
    ++at_;
    if (!digits()) return false;
  }
  if (have('e') || have('E')) {
    ++at_;
    if (have('+') || have('-')) ++at_;
    if (!digits()) return false;
  }
  return true;
}

ObjectReader::ObjectReader(std::string_view text, std::size_t max_members) noexcept
    : in_(text), text_(text.data()), max_members_(std::min(max_members, kMaxMembers)) {
  done_ = text.size() > UINT32_MAX || !in_.take('{');
}

std::optional<Member> ObjectReader::next() noexcept {
  if (done_) return std::nullopt;
  const bool first = count_ == 0;
  const bool empty = first && in_.take('}');
  if (empty || (!first && !in_.take(','))) {
    complete_ = (empty || in_.take('}')) && in_.at_end();
    done_ = true;
    return std::nullopt;
  }
  const auto name = in_.take_name();
  const auto value = name && is_new(*name) ? in_.take_value(kMaxDepth - 1) : std::nullopt;
  done_ = !value;
  if (done_) return std::nullopt;
  return Member{*name, *value};
}

// Also records the name.
bool ObjectReader::is_new(const Value& name) noexcept {
  if (count_ == max_members_) {
    fault_ = Fault::too_many;
    return false;
  }
  for (const Name& known : std::span(names_, count_)) {
    if (known.size != name.text.size() && !known.escaped && !name.escaped) continue;
    if (same({Kind::string, {text_ + known.at, known.size}, known.escaped}, name)) {
      fault_ = Fault::same_name;
      return false;
    }
  }
  names_[count_++] = {static_cast<std::uint32_t>(name.text.data() - text_),
                      static_cast<std::uint32_t>(name.text.size()), name.escaped};
  return true;
}

std::optional<Value> ArrayReader::next() noexcept {
  const bool more = in_.take(begun_ ? ',' : '[');
  begun_ = true;
  return more ? in_.take_value(kMaxDepth) : std::nullopt;
}

std::optional<Member> MemberReader::next() noexcept {
  const bool more = in_.take(begun_ ? ',' : '{');
  begun_ = true;
  const auto name = more ? in_.take_name() : std::nullopt;
  const auto value = name ? in_.take_value(kMaxDepth) : std::nullopt;
  if (!value) return std::nullopt;
  return Member{*name, *value};
}

bool is_whole(const Value& string) noexcept {
  if (!string.escaped) return true;
  std::string_view rest = string.text;
  while (!rest.empty()) {
    if (is_half(take_character(rest))) return false;
  }
  return true;
}

bool says_escaped(const Value& string, std::string_view text) noexcept {
  std::string_view rest = string.text;
  while (!rest.empty()) {
    char bytes[4];
    const std::string_view next(bytes, utf8::encode(take_character(rest), bytes));
    if (!text.starts_with(next)) return false;
    text.remove_prefix(next.size());
  }
  return text.empty();
}

std::size_t unescape(const Value& string, char* out) noexcept {
  const char* const begin = out;
  std::string_view rest = string.text;
  while (!rest.empty()) {
    const std::size_t plain = std::min(rest.find('\\'), rest.size());
    std::memmove(out, rest.data(), plain);
    out += plain;
    rest.remove_prefix(plain);
    if (!rest.empty()) out += utf8::encode(take_character(rest), out);
  }
  return static_cast<std::size_t>(out - begin);
}

std::string_view unescape_in(MutableBytes text, const Value& string) noexcept {
  if (!string.escaped) return string.text;
  char* const begin =
      reinterpret_cast<char*>(text.data()) + (string.text.data() - as_text(text).data());
  return {begin, unescape(string, begin)};
}

std::size_t plain_size(std::string_view text) noexcept {
  const char* const end = skip_plain(text.data(), text.data() + text.size());
  return static_cast<std::size_t>(end - text.data());
}

std::optional<std::size_t> escaped_size(std::string_view text) noexcept {
  std::size_t size = text.size();
  const char* const end = text.data() + text.size();
  for (const char* at = skip_plain(text.data(), end); at != end; at = skip_plain(at, end)) {
    const char kind = in_string(*at);
    if (kind == kControl) return std::nullopt;
    if (kind != kHighBit) {
      ++size;
      ++at;
      continue;
    }
    const std::size_t character =
        utf8::first_character({at, static_cast<std::size_t>(end - at)}).size;
    if (character == 0) return std::nullopt;
    at += character;
  }
  return size;
}

char* escape(std::string_view text, char* out) noexcept {
  const char* const end = text.data() + text.size();
  for (const char* at = text.data();;) {
    const char* const special = skip_plain(at, end);
    out = std::copy(at, special, out);
    if (special == end) return out;
    const char kind = in_string(*special);
    if (kind != kHighBit) *out++ = '\\';
    *out++ = kind == kHighBit ? *special : kind;
    at = special + 1;
  }
}

}  // namespace sealring::json
