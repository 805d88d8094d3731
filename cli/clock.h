// SPDX-License-Identifier: Apache-2.0
// The time, and how it is shown.
#pragma once

#include <cstdint>
#include <string>

namespace sealring::cli {

// Seconds since 1970.
std::int64_t current_time();

// "2026-11-23 22:56:12 UTC"; a time that is beyond any calendar is shown as a number.
std::string utc_time(std::uint64_t time);

// The same in the time zone of this machine, or of TZ.
std::string local_time(std::uint64_t time);

// "2026-11-23 22:56:12 UTC (in 1h)", "... (5m 3s ago)".
std::string utc_time_and_distance(std::uint64_t time, std::int64_t now);

}  // namespace sealring::cli
