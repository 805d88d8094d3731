// SPDX-License-Identifier: Apache-2.0
// Durations as nginx writes them: 30s, 10m, 1h, 30d, "1d 12h"; a bare number is seconds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sealring::cli {

// Units go from long to short, each once: y (365 days), M (30 days), w, d, h, m, s. Nothing if the
// text is no duration or is longer than 2^63-1 seconds.
std::optional<std::int64_t> parse_duration(std::string_view text);

// For people: the two largest units.
std::string format_duration(std::uint64_t seconds);

}  // namespace sealring::cli
