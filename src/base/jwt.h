// SPDX-License-Identifier: Apache-2.0
// Claims that more than one kind of JWT has (RFC 7519).
#pragma once

#include "base/json.h"

namespace sealring::jwt {

// A NumericDate (section 2), rounded up to a whole second, and at most `latest`. For a clock that
// counts whole seconds, the rounded time is reached exactly when the time itself is. Nothing if it
// is not a number.
std::optional<std::uint64_t> read_time(const json::Value& value, std::uint64_t latest) noexcept;

// Whether a value such as that of "aud" (section 4.1.3) is this text, or an array of strings of
// which one is it. Nothing if it is neither a string nor an array of strings.
std::optional<bool> names(const json::Value& value, std::string_view text) noexcept;

}  // namespace sealring::jwt
