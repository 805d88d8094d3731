// SPDX-License-Identifier: Apache-2.0
// What is in the store (spec/fleet.md section 2): its keys, and the bytes in them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fleet/reply.h"
#include "revocation/list.h"

namespace sealring::agent {

using revocation::Entry;

inline constexpr std::size_t kMaxEntriesInItem = 32;

struct Keys {
  Keys(const std::string& prefix, const std::string& list);

  std::string list, names, entries, changes;
  std::string votes;  // the beginning of keys that end in an item's ID
};

std::string member_of(const Entry& entry);
// `score` is the text of a number.
std::optional<Entry> read_member(std::string_view member, std::string_view score);

struct Item {
  std::string id;
  std::string entries, names;  // their bytes

  bool operator==(const Item&) const = default;
};

void write_entry(const Entry& entry, std::span<std::uint8_t, revocation::kEntrySize> to);
std::string entry_bytes(std::span<const Entry> entries);
// Whether a list can have this name.
bool is_name(std::string_view name);
std::string name_bytes(std::span<const std::string> names);
std::optional<std::vector<Entry>> read_entries(std::string_view bytes);
std::optional<std::vector<std::string>> read_names(std::string_view bytes);

// The items of an answer to XRANGE; nothing if it has another form. An item with other fields than
// those of the specification has nothing in it.
std::optional<std::vector<Item>> read_items(const Reply& reply);

}  // namespace sealring::agent
