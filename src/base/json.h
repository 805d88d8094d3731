// SPDX-License-Identifier: Apache-2.0
// A strict JSON reader (RFC 8259) for untrusted text on the hot path and for text with secrets: it
// allocates and copies nothing. It also unescapes and escapes JSON strings.
//
// It refuses some things that many readers accept: escaped halves of surrogate pairs (but see
// Halves), bytes that are not UTF-8, and more than kMaxDepth levels; in the object that an
// ObjectReader reads, also two members with the same name and more members than its caller allows,
// which is at most kMaxMembers.
#pragma once

#include <optional>

#include "base/bytes.h"

namespace sealring::json {

inline constexpr std::size_t kMaxDepth = 16;
inline constexpr std::size_t kMaxMembers = 256;

enum class Kind { object, array, string, number, literal };

struct Value {
  Kind kind;
  std::string_view text;  // as written; for a string, what is between the quotes
  bool escaped = false;   // a string with escapes, which are still in `text`
};

struct Member {
  Value name;  // a string
  Value value;
};

// Whether strings may hold the escape of one half of a surrogate pair, as RFC 8259 allows.
enum class Halves { refused, accepted };

// Takes one item after another from the front of a text. Returns nothing, or false, if something
// else is there; what is left of the text is then of no use.
class Scanner {
 public:
  explicit Scanner(std::string_view text, Halves halves = Halves::refused) noexcept
      : at_(text.data()), end_(text.data() + text.size()), halves_(halves) {}

  bool take(char c) noexcept;  // skips white space before it
  bool at_end() noexcept;      // apart from white space
  std::optional<Value> take_name() noexcept;
  std::optional<Value> take_value(std::size_t levels) noexcept;  // of nested containers allowed

 private:
  void skip_space() noexcept;
  void skip_digits() noexcept;
  bool skip_container(std::size_t levels) noexcept;
  bool skip_escape() noexcept;
  bool skip_literal() noexcept;
  bool skip_number() noexcept;
  std::optional<Value> take_string() noexcept;
  std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }

  const char* at_;
  const char* end_;
  Halves halves_;
};

// The members of a text that is one object.
//   ObjectReader members(text);
//   while (const auto member = members.next()) ...
//   if (!members.complete()) the text is something else, and what was read means nothing
// Names are compared with one another, so the cost grows with `max_members` times the text's size.
class ObjectReader {
 public:
  explicit ObjectReader(std::string_view text, std::size_t max_members = kMaxMembers) noexcept;

  std::optional<Member> next() noexcept;
  bool complete() const noexcept { return complete_; }

  // Why next() stopped before the text was complete.
  enum class Fault { syntax, same_name, too_many };
  Fault fault() const noexcept { return fault_; }

 private:
  bool is_new(const Value& name) noexcept;

  Scanner in_;
  const char* const text_;
  const std::size_t max_members_;
  std::size_t count_ = 0;
  Fault fault_ = Fault::syntax;
  bool done_ = false;
  bool complete_ = false;
  struct Name {
    std::uint32_t at, size;
    bool escaped;
  } names_[kMaxMembers];  // the first `count_` of them
};

// The elements of an array that was taken as a whole. Its strings were checked then, so Halves no
// longer matters.
class ArrayReader {
 public:
  explicit ArrayReader(const Value& array) noexcept : in_(array.text, Halves::accepted) {}
  std::optional<Value> next() noexcept;

 private:
  Scanner in_;
  bool begun_ = false;
};

// The members of such an object. Two may have the same name.
class MemberReader {
 public:
  explicit MemberReader(const Value& object) noexcept : in_(object.text, Halves::accepted) {}
  std::optional<Member> next() noexcept;

 private:
  Scanner in_;
  bool begun_ = false;
};

// Whether a string is free of halves of surrogate pairs.
bool is_whole(const Value& string) noexcept;

bool says_escaped(const Value& string, std::string_view text) noexcept;

// Whether a string, unescaped, equals `text`.
inline bool says(const Value& string, std::string_view text) noexcept {
  return string.escaped ? says_escaped(string, text) : string.text == text;
}

// Whether there is a value, and it is this string.
inline bool is_string(const std::optional<Value>& value, std::string_view text) noexcept {
  return value && value->kind == Kind::string && says(*value, text);
}

// Unescapes a string. `out` holds string.text.size() bytes and may be string.text itself. Returns
// how many bytes were written.
std::size_t unescape(const Value& string, char* out) noexcept;

// The same in its place: the string is within `text`, which is overwritten if it has escapes.
std::string_view unescape_in(MutableBytes text, const Value& string) noexcept;

// How many characters at the text's front are ASCII and need no escape within a string.
std::size_t plain_size(std::string_view text) noexcept;

// How many characters the text has when it is escaped: at most twice its size. Nothing if it is not
// UTF-8, or has control characters other than the five for which JSON has short escapes.
std::optional<std::size_t> escaped_size(std::string_view text) noexcept;

// Writes escaped_size(text) characters, and returns their end.
char* escape(std::string_view text, char* out) noexcept;

}  // namespace sealring::json
