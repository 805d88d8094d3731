// SPDX-License-Identifier: Apache-2.0
// The fields of a session and their text (spec/session.md section 1), which has the format of
// Apache's mod_session.
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/error.h"

namespace sealring::session {

inline constexpr std::size_t kMaxFields = 64;
inline constexpr std::size_t kMaxTextSize = 65536;

struct Field {
  std::string_view name;
  std::string_view value;
};

// Whether two names are equal, ignoring the case of ASCII letters.
bool same_name(std::string_view a, std::string_view b) noexcept;

std::span<const std::string_view> reserved_names() noexcept;

// Whether applications cannot set a field with this name.
bool is_reserved(std::string_view name) noexcept;

// An ordered list of fields. It holds views, and what they point to must outlive it.
class Fields {
 public:
  Fields() noexcept {}

  // Reads a text, which is replaced by the decoded names and values. malformed: it is not a text of
  // fields, or it exceeds the bounds above; the list is then empty.
  Result<void> parse(MutableBytes text) noexcept;

  void clear() noexcept { count_ = 0; }

  std::span<const Field> all() const noexcept { return std::span(fields_).first(count_); }

  // The value, or nothing if there is no such field. A field never has an empty value.
  std::string_view value(std::string_view name) const noexcept;

  // Replaces the field's value, or appends the field; an empty value removes it. malformed: there
  // would be too many fields, or the name is empty.
  Result<void> set(std::string_view name, std::string_view value) noexcept;

  void remove(std::string_view name) noexcept;

  // The size of the text; and the text, for which `out` has that many bytes.
  std::size_t text_size() const noexcept;
  std::size_t write(char* out) const noexcept;

 private:
  Result<void> parse_pair(MutableBytes pair) noexcept;
  Field* find(std::string_view name) noexcept;
  Field* end() noexcept { return fields_.data() + count_; }

  union {  // not initialised: the first count_ are used
    std::array<Field, kMaxFields> fields_;
  };
  std::size_t count_ = 0;
};

}  // namespace sealring::session
