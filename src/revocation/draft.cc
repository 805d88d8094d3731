// SPDX-License-Identifier: Apache-2.0
#include "revocation/draft.h"

#include <algorithm>

namespace sealring::revocation {
namespace {

std::unexpected<Problem> invalid(std::string message) {
  return problem(Error::invalid_argument, std::move(message));
}

bool is_time(std::int64_t time) {
  return time >= 0 && time <= kEndOfTime;
}

template <std::size_t N>
void append(std::uint64_t number, std::vector<std::uint8_t>& to) {
  std::array<std::uint8_t, N> bytes;
  store_big_endian(number, std::span(bytes));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void append(Bytes bytes, std::vector<std::uint8_t>& to) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

Entry later_of(const Entry& a, const Entry& b) {
  return {a.hash, std::max(a.revoked_at, b.revoked_at), std::max(a.until, b.until)};
}

std::vector<std::uint8_t> format(const Header& header, const std::vector<std::string>& names,
                                 const std::vector<Entry>& entries) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(header.file_size());
  append(as_bytes(kMagic), bytes);
  append(header.salt, bytes);
  append<8>(header.generation, bytes);
  append<8>(static_cast<std::uint64_t>(header.written_at), bytes);
  append<4>(header.max_staleness, bytes);
  append<4>(header.count, bytes);
  append<2>(header.names_size, bytes);
  bytes.resize(kHeaderSize);  // zeros; the checksum comes last
  for (const std::string& name : names) {
    append<1>(name.size(), bytes);
    append(as_bytes(name), bytes);
  }
  for (const Entry& entry : entries) {
    append(entry.hash, bytes);
    append<5>(static_cast<std::uint64_t>(entry.revoked_at), bytes);
    append<5>(static_cast<std::uint64_t>(entry.until), bytes);
  }
  return bytes;
}

}  // namespace

Result<Draft> Draft::make(Driver& driver) noexcept {
  Draft draft;
  if (auto drawn = driver.random(draft.header_.salt); !drawn) {
    return std::unexpected(drawn.error());
  }
  return draft;
}

Draft Draft::with_salt(const Salt& salt) noexcept {
  Draft draft;
  draft.header_.salt = salt;
  return draft;
}

Draft Draft::after(std::shared_ptr<const List> list) {
  Draft draft;
  draft.header_ = list->header();
  draft.names_.assign(list->names().begin(), list->names().end());
  draft.list_ = std::move(list);
  return draft;
}

Explained<void> Draft::add(std::string_view name, const Entry& entry) {
  if (auto added = add_name(name); !added) return added;
  return add(entry);
}

Explained<void> Draft::add_name(std::string_view name) {
  if (name.size() > kMaxNameSize) return invalid("the name of a field has at most 64 bytes");
  std::array<char, kMaxNameSize> lower;
  const std::string_view known = in_lower_case(name, lower);
  if (std::ranges::find(names_, known) != names_.end()) return {};
  if (names_.size() == kMaxNames) {
    return invalid("a revocation list has at most 16 names of fields; use another list for \"" +
                   std::string(name) + '"');
  }
  names_.emplace_back(known);
  return {};
}

Explained<void> Draft::add(const Entry& entry) {
  if (!is_time(entry.revoked_at) || !is_time(entry.until))
    return invalid("a time is out of bounds");
  added_.push_back(entry);
  return {};
}

Explained<void> Draft::add(Driver& driver, std::string_view name, std::string_view value,
                           std::int64_t revoked_at, std::int64_t until) {
  if (name.empty() != value.empty())
    return invalid("a field that is revoked has a name and a value");
  if (value.size() > kMaxValueSize)
    return invalid("a value that is revoked has at most 1024 bytes");
  if (name.size() > kMaxNameSize) return invalid("the name of a field has at most 64 bytes");
  const auto hash = hash_of(driver, salt(), name, value);
  if (!hash) return problem(hash.error(), "the crypto driver cannot calculate a hash");
  return add(name, {*hash, revoked_at, until});
}

Explained<Draft::Written> Draft::write(Driver& driver, std::int64_t now) && {
  if (!is_time(now) || header_.generation == UINT64_MAX) return invalid("a time is out of bounds");
  std::ranges::sort(added_, {}, &Entry::hash);
  Written written{};
  std::vector<Entry> entries;
  const std::size_t old = list_ ? list_->size() : 0;
  entries.reserve(old + added_.size());
  const auto take = [&](const Entry& entry, bool is_new) {
    if (!entries.empty() && entries.back().hash == entry.hash) {
      entries.back() = later_of(entries.back(), entry);
    } else {
      entries.push_back(entry);
      written.added += is_new ? 1 : 0;
    }
  };
  std::size_t next = 0;
  for (const Entry& entry : added_) {
    for (; next < old && list_->at(next).hash <= entry.hash; ++next) take(list_->at(next), false);
    take(entry, true);
  }
  for (; next < old; ++next) take(list_->at(next), false);
  written.dropped =
      std::erase_if(entries, [now](const Entry& entry) { return entry.until <= now; });
  if (entries.size() > kMaxEntries) {
    return invalid("a revocation list has at most 16777216 entries");
  }

  if (entries.empty()) names_.clear();
  ++header_.generation;
  header_.written_at = now;
  header_.count = static_cast<std::uint32_t>(entries.size());
  header_.names_size = 0;
  for (const std::string& name : names_) {
    header_.names_size = static_cast<std::uint16_t>(header_.names_size + 1 + name.size());
  }
  written.bytes = format(header_, names_, entries);
  if (auto done = checksum_of(driver, written.bytes,
                              std::span(written.bytes).subspan<kChecksumAt, kChecksumSize>());
      !done) {
    return problem(done.error(), "the crypto driver cannot calculate its checksum");
  }
  written.generation = header_.generation;
  written.entries = entries.size();
  return written;
}

}  // namespace sealring::revocation
