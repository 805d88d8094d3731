// SPDX-License-Identifier: Apache-2.0
// The fields of a session and their text (spec/session.md section 1), which is that of Apache's
// mod_session.
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

// Whether two names are equal, in whatever case their ASCII letters are.
bool same_name(std::string_view a, std::string_view b) noexcept;

std::span<const std::string_view> reserved_names() noexcept;

// Whether this is a name that applications cannot set.
bool is_reserved(std::string_view name) noexcept;

// A list of fields in their order. It holds views: what they point to has to outlive it.
class Fields {
 public:
  // Reads a text, in whose place the decoded names and values then are. malformed: it is no text of
  // fields, or is larger than the bounds above; the list is then empty.
  Result<void> parse(MutableBytes text) noexcept;

  std::span<const Field> all() const noexcept { return std::span(fields_).first(count_); }

  // The value; nothing if there is no such field. A field has no empty value.
  std::string_view value(std::string_view name) const noexcept;

  // Replaces the field's value in its place, or appends the field; an empty value removes it.
  // malformed: there would be too many fields, or the name is empty.
  Result<void> set(std::string_view name, std::string_view value) noexcept;

  // The size of the text, and the text. `out` holds that many bytes; returns them.
  std::size_t text_size() const noexcept;
  std::size_t write(char* out) const noexcept;

 private:
  Result<void> parse_pair(MutableBytes pair) noexcept;

  std::array<Field, kMaxFields> fields_;
  std::size_t count_ = 0;
};

}  // namespace sealring::session
