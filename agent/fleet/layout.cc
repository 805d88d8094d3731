// SPDX-License-Identifier: Apache-2.0
#include "fleet/layout.h"

#include <algorithm>
#include <charconv>

namespace sealring::agent {
namespace {

using revocation::kEntrySize;

constexpr std::size_t kHashSize = std::tuple_size_v<revocation::Hash>;
constexpr std::size_t kTimeSize = 5;
constexpr std::size_t kMemberSize = kHashSize + kTimeSize;
static_assert(kMemberSize + kTimeSize == kEntrySize);

std::string time_bytes(std::int64_t time) {
  std::array<std::uint8_t, kTimeSize> bytes;
  store_big_endian(static_cast<std::uint64_t>(time), std::span(bytes));
  return std::string(as_text(bytes));
}

std::int64_t read_time_bytes(std::string_view bytes) {
  return static_cast<std::int64_t>(load_big_endian(as_bytes(bytes).first<kTimeSize>()));
}

Entry read_entry(std::string_view bytes) {
  Entry entry;
  copy(as_bytes(bytes.substr(0, kHashSize)), entry.hash);
  entry.revoked_at = read_time_bytes(bytes.substr(kHashSize));
  entry.until = read_time_bytes(bytes.substr(kMemberSize));
  return entry;
}

}  // namespace

Keys::Keys(const std::string& prefix, const std::string& name)
    : list(prefix + ":list:" + name),
      names(prefix + ":names:" + name),
      entries(prefix + ":entries:" + name),
      changes(prefix + ":changes:" + name),
      votes(prefix + ":votes:" + name + ":") {}

std::string member_of(const Entry& entry) {
  return std::string(as_text(entry.hash)) + time_bytes(entry.revoked_at);
}

std::optional<Entry> read_member(std::string_view member, std::string_view score) {
  if (member.size() != kMemberSize) return std::nullopt;
  double until = 0;
  const auto [end, error] = std::from_chars(score.data(), score.data() + score.size(), until);
  if (error != std::errc{} || end != score.data() + score.size() || !(until >= 0) ||
      until > static_cast<double>(revocation::kEndOfTime)) {
    return std::nullopt;
  }
  return read_entry(std::string(member) + time_bytes(static_cast<std::int64_t>(until)));
}

void write_entry(const Entry& entry, std::span<std::uint8_t, kEntrySize> to) {
  copy(entry.hash, to.first<kHashSize>());
  store_big_endian(static_cast<std::uint64_t>(entry.revoked_at),
                   to.subspan<kHashSize, kTimeSize>());
  store_big_endian(static_cast<std::uint64_t>(entry.until), to.last<kTimeSize>());
}

std::string entry_bytes(std::span<const Entry> entries) {
  std::string bytes;
  std::array<std::uint8_t, kEntrySize> one;
  for (const Entry& entry : entries) {
    write_entry(entry, one);
    bytes += as_text(one);
  }
  return bytes;
}

bool is_name(std::string_view name) {
  std::array<char, revocation::kMaxNameSize> lower;
  return name.size() <= lower.size() && revocation::in_lower_case(name, lower) == name;
}

std::string name_bytes(std::span<const std::string> names) {
  std::string bytes;
  for (const std::string& name : names) bytes += static_cast<char>(name.size()) + name;
  return bytes;
}

std::optional<std::vector<Entry>> read_entries(std::string_view bytes) {
  if (bytes.size() % kEntrySize != 0 || bytes.size() > kMaxEntriesInItem * kEntrySize) {
    return std::nullopt;
  }
  std::vector<Entry> entries;
  for (; !bytes.empty(); bytes.remove_prefix(kEntrySize)) entries.push_back(read_entry(bytes));
  return entries;
}

std::optional<std::vector<std::string>> read_names(std::string_view bytes) {
  std::vector<std::string> names;
  while (!bytes.empty()) {
    const auto size = static_cast<std::uint8_t>(bytes.front());
    const std::string_view name = bytes.substr(1, size);
    if (name.size() != size || !is_name(name) || names.size() == revocation::kMaxNames) {
      return std::nullopt;
    }
    names.emplace_back(name);
    bytes.remove_prefix(1u + size);
  }
  return names;
}

std::optional<std::vector<Item>> read_items(const Reply& reply) {
  if (reply.kind != Reply::Kind::array) return std::nullopt;
  std::vector<Item> items;
  for (const Reply& one : reply.items) {
    if (!one.is_array(2) || !one.items[0].is_text()) return std::nullopt;
    Item item{one.items[0].text, {}, {}};
    const Reply& fields = one.items[1];
    if (fields.is_array(4) && std::ranges::all_of(fields.items, &Reply::is_text) &&
        fields.items[0].text == "e" && fields.items[2].text == "n") {
      item.entries = fields.items[1].text;
      item.names = fields.items[3].text;
    }
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace sealring::agent
