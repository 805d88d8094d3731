// SPDX-License-Identifier: Apache-2.0
// Sessions that are bound to a device (spec/device-binding.md sections 2 and 6).
#include <algorithm>

#include "session/session.h"

namespace sealring::session {
namespace {

constexpr std::string_view kBound = "bound";
constexpr std::string_view kPrior = "prior";

}  // namespace

std::string_view Session::sid() const noexcept {
  return has_sid() ? std::string_view(sid_.data(), sid_.size()) : std::string_view();
}

std::string_view Session::bound() const noexcept {
  return fields_.value(kBound);
}

std::string_view Session::prior() const noexcept {
  return fields_.value(kPrior);
}

Result<void> Session::bind(std::string_view key) noexcept {
  if (!is_live() || over_ || !has_sid() || !bound().empty()) {
    return std::unexpected(Error::invalid_argument);
  }
  Fields fields = fields_;
  prior_ = sid_;
  if (auto set = fields.set(kBound, key); !set) return set;
  if (auto set = fields.set(kPrior, {prior_.data(), prior_.size()}); !set) return set;
  fields_ = fields;
  sid_ = {};  // prepare() makes another
  changed_ = true;
  return {};
}

void Session::forget_prior() noexcept {
  fields_.remove(kPrior);
}

}  // namespace sealring::session
