// SPDX-License-Identifier: Apache-2.0
// A key ring: immutable once built, shared, replaced whole.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "keys/key.h"

namespace sealring {

inline constexpr std::size_t kMaxKeys = 4096;

class Keyring {
 public:
  // Refuses an empty list, a list over kMaxKeys, and two keys of one algorithm with the same kid.
  static Explained<std::shared_ptr<const Keyring>> make(std::vector<Key> keys);

  Keyring(const Keyring&) = delete;
  Keyring& operator=(const Keyring&) = delete;

  std::span<const Key> keys() const noexcept { return keys_; }

  // The key that seals: of those that may at `now` the one with the latest seal_from, the later in
  // the ring on a tie. Null if there is none.
  const Key* primary(std::int64_t now) const noexcept;

  // Whether the ring has keys of this algorithm at all, open or not.
  bool serves(Algorithm algorithm) const noexcept { return !candidates(algorithm, {}).empty(); }

  // The keys, open or not, that a token of this algorithm may have been sealed with: the one that it
  // names, or all in ring order if `kid` is empty because its format names none.
  std::span<const Key* const> candidates(Algorithm algorithm, std::string_view kid) const noexcept;

 private:
  struct Index {
    std::vector<const Key*> in_order;
    std::unordered_map<std::string_view, std::size_t> by_kid;  // places in in_order
  };

  explicit Keyring(std::vector<Key> keys) : keys_(std::move(keys)) {}

  std::vector<Key> keys_;
  std::array<Index, kAlgorithms.size()> by_algorithm_;
  std::vector<const Key*> sealing_;  // by seal_from, then ring order
};

}  // namespace sealring
