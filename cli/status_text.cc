// SPDX-License-Identifier: Apache-2.0
#include "status_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "text.h"

namespace sealring::cli {

using nlohmann::json;

namespace {

// Values are copied, written and freed one within the other, on the stack.
constexpr int kMaxDepth = 16;
// So that one long text is not paid for in each row.
constexpr std::size_t kMaxWidth = 64;

}  // namespace

std::optional<json> read_answer(std::string_view text) {
  bool is_too_deep = false;
  const auto keep = [&](int depth, json::parse_event_t, const json&) {
    is_too_deep |= depth > kMaxDepth;
    return depth <= kMaxDepth;
  };
  json parsed = json::parse(text, keep, false);
  if (is_too_deep || !parsed.is_object()) return std::nullopt;
  return parsed;
}

// What others wrote need not be text, or the number of a time.
std::string text_in(const json& of, const char* name) {
  const auto found = of.find(name);
  return found != of.end() && found->is_string() ? printable(found->get_ref<const std::string&>())
                                                 : "";
}

std::uint64_t number_in(const json& of, const char* name) {
  const auto found = of.find(name);
  return found != of.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

bool flag_in(const json& of, const char* name) {
  const auto found = of.find(name);
  return found != of.end() && found->is_boolean() && found->get<bool>();
}

const json& member(const json& of, const char* name) {
  static const json none = json::array();
  const auto found = of.find(name);
  return found != of.end() && found->is_structured() ? *found : none;
}

std::string layout(const std::vector<Row>& rows, bool (*is_number)(std::size_t column)) {
  std::vector<std::size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], std::min(row[i].size(), kMaxWidth));
    }
  }
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - std::min(widths[i], row[i].size()), ' ');
      line += (is_number(i) ? space + row[i] : row[i] + space) + "  ";
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace sealring::cli
