// SPDX-License-Identifier: Apache-2.0
// Dates in cookies, as browsers read them (RFC 6265 section 5.1.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sealring::cookies {

// In Unix seconds, negative before 1970. None: it is no date.
std::optional<std::int64_t> parse_cookie_date(std::string_view text) noexcept;

}  // namespace sealring::cookies
