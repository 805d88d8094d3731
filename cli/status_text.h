// SPDX-License-Identifier: Apache-2.0
// What a status in JSON becomes for people: members that need not be there, and tables.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::cli {

// What a server or an agent answers: an object. Nothing if it is something else, or is nested more
// deeply than any answer of theirs.
std::optional<nlohmann::json> read_answer(std::string_view text);

// "", 0, false or nothing if there is no such member, or it is something else. Control characters
// in a text become "?".
std::string text_in(const nlohmann::json& of, const char* name);
std::uint64_t number_in(const nlohmann::json& of, const char* name);
bool flag_in(const nlohmann::json& of, const char* name);
const nlohmann::json& member(const nlohmann::json& of, const char* name);

// The first row is the head. What is a number according to `is_number` is at the right. A text that
// is longer than 64 bytes does not widen its column.
using Row = std::vector<std::string>;
std::string layout(const std::vector<Row>& rows, bool (*is_number)(std::size_t column));

}  // namespace sealring::cli
