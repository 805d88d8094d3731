// SPDX-License-Identifier: Apache-2.0
// What an application, or a server for it, changes in a session (spec/session.md section 1).
#include <algorithm>

#include "session/session.h"

namespace sealring::session {
namespace {

constexpr std::string_view kExpiry = "expiry";

bool equal(const Fields& a, const Fields& b) {
  return std::ranges::equal(a.all(), b.all(), [](const Field& left, const Field& right) {
    return left.name == right.name && left.value == right.value;
  });
}

bool has_own(const Fields& fields) {
  return std::ranges::any_of(fields.all(), [](auto& field) { return !is_reserved(field.name); });
}

// A text cannot hold it.
bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

}  // namespace

// With mod_session, `expiry` is taken from its text. It does not say whether it ends the session.
Result<void> Session::replace(const Terms& terms, MutableBytes text, bool* ignored) noexcept {
  *ignored = false;
  Fields fields;
  if (auto parsed = fields.parse(text); !parsed) return parsed;
  for (const std::string_view name : reserved_names()) {
    if (terms.of_mod_session && name == kExpiry) continue;
    const std::string_view given = fields.value(name), own = fields_.value(name);
    if (!given.empty() && given != own) *ignored = true;
    fields.remove(name);
  }
  // Also of one that is refused for now, whose fields are not known.
  if (!terms.of_mod_session && !has_own(fields)) {
    end();
    return {};
  }
  for (const Field& field : fields_.all()) {
    if (!is_reserved(field.name)) continue;
    if (terms.of_mod_session && same_name(field.name, kExpiry)) continue;
    if (auto kept = fields.set(field.name, field.value); !kept) return kept;
  }
  if (equal(fields, fields_)) return {};
  fields_ = fields;
  changed_ = true;
  return {};
}

Result<void> Session::set(std::string_view name, std::string_view value) noexcept {
  if (is_reserved(name) || has_nul(name) || has_nul(value)) {
    return std::unexpected(Error::invalid_argument);
  }
  if (fields_.value(name) == value) return {};
  if (auto done = fields_.set(name, value); !done) return done;
  changed_ = true;
  return {};
}

void Session::end() noexcept {
  fields_.clear();
  over_ = changed_ = true;
}

bool Session::has_own_fields() const noexcept {
  return has_own(fields_);
}

}  // namespace sealring::session
