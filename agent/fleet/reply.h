// SPDX-License-Identifier: Apache-2.0
// What the store is asked, and what it answers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sealring::agent {

using Command = std::vector<std::string>;

struct Reply {
  enum class Kind { nil, integer, text, error, array };

  Kind kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text;  // also of an error
  std::vector<Reply> items;

  bool is_error() const { return kind == Kind::error; }
  bool is_text() const { return kind == Kind::text; }
  bool is_array(std::size_t size) const { return kind == Kind::array && items.size() == size; }
};

}  // namespace sealring::agent
