// SPDX-License-Identifier: Apache-2.0
#include "formats/jose_header.h"

#include <algorithm>

#include "base/json.h"

namespace sealring {
namespace {

bool is_string(const std::optional<json::Value>& value) {
  return value && value->kind == json::Kind::string;
}

// Undone, an escape of six characters may be one.
constexpr std::size_t kMaxEscapedKidSize = 6 * kMaxKidSize;

}  // namespace

Result<std::size_t> read_jose_header(std::string_view json,
                                     std::span<char, kMaxKidSize> kid) noexcept {
  std::optional<json::Value> alg, enc, key_id;
  bool extended = false;
  json::ObjectReader members(json);
  while (const auto member = members.next()) {
    const auto is = [&member](std::string_view name) { return json::says(member->name, name); };
    if (is("alg")) {
      alg = member->value;
    } else if (is("enc")) {
      enc = member->value;
    } else if (is("kid")) {
      key_id = member->value;
    } else if (is("zip") || is("crit")) {
      extended = true;
    }
  }
  if (!members.complete() || !is_string(alg) || !is_string(enc)) {
    return std::unexpected(Error::malformed);
  }
  if (extended || !json::says(*alg, "dir") || !json::says(*enc, "A256GCM")) {
    return std::unexpected(Error::unsupported);
  }
  if (!is_string(key_id) || key_id->text.size() > kMaxEscapedKidSize) {
    return std::unexpected(Error::malformed);
  }
  char unescaped[kMaxEscapedKidSize];
  const std::string_view name(unescaped, json::unescape(*key_id, unescaped));
  const auto printable = [](char c) { return c > ' ' && c <= '~'; };
  if (name.empty() || name.size() > kid.size() || !std::ranges::all_of(name, printable)) {
    return std::unexpected(Error::malformed);
  }
  std::ranges::copy(name, kid.begin());
  return name.size();
}

std::size_t write_jose_header(std::string_view kid,
                              std::span<char, kMaxJoseHeaderSize> json) noexcept {
  char* end = std::ranges::copy(kJoseHeaderStart, json.data()).out;
  end = json::escape(kid, end);
  end = std::ranges::copy(kJoseHeaderEnd, end).out;
  return static_cast<std::size_t>(end - json.data());
}

}  // namespace sealring
