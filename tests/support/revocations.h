// SPDX-License-Identifier: Apache-2.0
// Revocation lists for tests.
#pragma once

#include "revocation/writer.h"
#include "support/keys.h"
#include "support/temporary_folder.h"
#include "support/tested_driver.h"

namespace sealring::revocation {

inline constexpr std::int64_t kLater = kNow + 3600;

// Revokes a value, of what began at kNow or before, until kLater.
inline void revoke(const std::string& path, std::string_view name, std::string_view value,
                   std::int64_t revoked_at = kNow, std::int64_t until = kLater) {
  update_list_file(tested_driver(), path, kNow, [&](Draft& draft) {
    return draft.add(tested_driver(), name, value, revoked_at, until);
  }).value();
}

inline void create_list(const std::string& path, std::uint32_t max_staleness = 0) {
  create_list_file(tested_driver(), path, max_staleness, kNow).value();
}

// A hash as that of a value would be. Not sorted by `number`.
inline Hash hash_number(std::uint64_t number) {
  return hash_of(tested_driver(), Salt{}, "sid", std::to_string(number)).value();
}

inline Entry entry_number(std::uint64_t number) {
  return {hash_number(number), kNow, kLater};
}

// A list of the entries 0 to count - 1.
inline std::vector<std::uint8_t> list_bytes(std::size_t count) {
  Draft draft = Draft::make(tested_driver()).value();
  for (std::size_t i = 0; i < count; ++i) draft.add("sid", entry_number(i)).value();
  return std::move(draft).write(tested_driver(), kNow).value().bytes;
}

inline Buffer buffer_of(Bytes bytes) {
  Buffer buffer(bytes.size());
  copy(bytes, buffer.span());
  return buffer;
}

inline Explained<std::shared_ptr<const List>> parse(Bytes bytes) {
  return List::parse(tested_driver(), buffer_of(bytes));
}

}  // namespace sealring::revocation
