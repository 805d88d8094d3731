// SPDX-License-Identifier: Apache-2.0
// Calendar days in UTC, as configurations write them: 2027-01-31.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealring {

// The midnight that ends the day, in Unix seconds. None if there is no such day, or if it is before
// 1970.
std::optional<std::int64_t> end_of_day(std::string_view text);

// The day of a moment. None before 1970 and after 9999.
std::optional<std::string> day_of(std::int64_t time);

}  // namespace sealring
