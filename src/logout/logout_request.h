// SPDX-License-Identifier: Apache-2.0
// What a provider sends: a form that has a logout token (spec/backchannel-logout.md section 2).
#pragma once

#include "formats/format.h"

namespace sealring::logout {

inline constexpr std::size_t kMaxRequestSize = 16'384;

// The logout token in a body of application/x-www-form-urlencoded, which it needs no escapes for.
Checked<std::string_view> token_in_form(std::string_view body) noexcept;

}  // namespace sealring::logout
