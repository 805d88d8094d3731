// SPDX-License-Identifier: Apache-2.0
// For tests that are the store: what it answers, and a machine's list.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/fleet/layout.h"
#include "agent/fleet/replica.h"

namespace sealring::agent {

inline constexpr std::int64_t kNow = 1'800'000'000;
inline constexpr std::int64_t kLater = kNow + 3600;
inline const std::string kEmptyId = "1-0";

inline Entry entry(std::uint8_t number, std::int64_t revoked_at = 1, std::int64_t until = kLater) {
  revocation::Hash hash{};
  hash[0] = number;
  return {hash, revoked_at, until};
}

inline Reply text(std::string value) {
  return {Reply::Kind::text, 0, std::move(value), {}};
}
inline Reply array(std::vector<Reply> items) {
  return {Reply::Kind::array, 0, "", std::move(items)};
}
inline Reply integer(std::int64_t value) {
  return {Reply::Kind::integer, value, "", {}};
}
inline Reply error(const std::string& value) {
  return {Reply::Kind::error, 0, value, {}};
}
inline Reply item(const std::string& id, std::vector<Entry> entries = {},
                  std::vector<std::string> names = {}) {
  return array({text(id), array({text("e"), text(entry_bytes(entries)), text("n"),
                                 text(name_bytes(names))})});
}

class OwnList final : public Replica {
 public:
  std::optional<revocation::Salt> salt() const override { return own_salt; }
  std::optional<Entry> find(const revocation::Hash& hash) const override {
    const auto found = std::ranges::find(entries, hash, &Entry::hash);
    return found == entries.end() ? std::nullopt : std::optional(*found);
  }
  void for_each(const std::function<void(const Entry&)>& visit) const override {
    for (const Entry& one : entries) visit(one);
  }
  std::vector<std::string> names() const override { return own_names; }
  bool is_settled() const override { return settled; }

  std::optional<revocation::Salt> own_salt = revocation::Salt{7};
  std::vector<Entry> entries;
  std::vector<std::string> own_names;
  bool settled = true;
};

inline const Command* find(const std::vector<Command>& commands, std::string_view name) {
  const auto found =
      std::ranges::find_if(commands, [name](const Command& one) { return one.front() == name; });
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace sealring::agent
