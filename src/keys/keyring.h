// SPDX-License-Identifier: Apache-2.0
// A key ring: immutable, shared, and replaced as a whole.
#pragma once

#include <memory>
#include <ranges>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "keys/key.h"

namespace sealring {

inline constexpr std::size_t kMaxKeys = 4096;

class Keyring {
 public:
  // Refuses an empty list, more than kMaxKeys keys, two keys with the same kid, and a secret of a
  // new format that another algorithm uses too.
  static Explained<std::shared_ptr<const Keyring>> make(std::vector<Key> keys);

  Keyring(const Keyring&) = delete;
  Keyring& operator=(const Keyring&) = delete;

  std::span<const Key> keys() const noexcept { return keys_; }

  // The key that seals: of those that may at `now`, the one with the latest seal_from; if several
  // have it, the last of them in the ring. Null if there is none.
  const Key* primary(std::int64_t now) const noexcept {
    // Keys for the future are few and at the end, so searching from there is fast.
    for (const Key* key : std::views::reverse(sealing_)) {
      if (key->seals_at(now)) return key;
    }
    return nullptr;
  }

  // Whether the ring has any keys for this format, whether or not they still open.
  bool serves(FormatId format) const noexcept { return !candidates(format, {}).empty(); }

  // The keys that a token of this format may have been sealed with, whether or not they still open:
  // the one that it names or, if `kid` is empty because the format names none, all in ring order.
  std::span<const Key* const> candidates(FormatId format, std::string_view kid) const noexcept;

 private:
  explicit Keyring(std::vector<Key> keys) : keys_(std::move(keys)) {
    for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i].place = i;
  }

  std::vector<Key> keys_;
  std::array<std::vector<const Key*>, kFormatCount> by_format_;  // in ring order
  std::unordered_map<std::string_view, const Key*> by_kid_;
  std::vector<const Key*> sealing_;  // by seal_from, then ring order
};

}  // namespace sealring
