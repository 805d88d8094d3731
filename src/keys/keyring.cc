// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring.h"

#include <algorithm>
#include <ranges>

namespace sealring {

Explained<std::shared_ptr<const Keyring>> Keyring::make(std::vector<Key> keys) {
  if (keys.empty()) return problem(Error::invalid_keyring, "it holds no key");
  if (keys.size() > kMaxKeys) {
    return problem(Error::invalid_keyring, "it holds more than " + std::to_string(kMaxKeys) +
                                               " keys; remove old ones (sealring keyring prune)");
  }
  std::shared_ptr<Keyring> ring(new Keyring(std::move(keys)));
  for (const Key& key : ring->keys_) {
    Index& index = ring->by_algorithm_[static_cast<std::size_t>(key.algorithm)];
    if (!key.kid.empty() && !index.by_kid.emplace(key.kid, index.in_order.size()).second) {
      return problem(Error::invalid_keyring,
                     "it holds key " + key.kid + " twice; remove one of the two");
    }
    index.in_order.push_back(&key);
    if (key.may_seal) ring->sealing_.push_back(&key);
  }
  std::ranges::stable_sort(ring->sealing_, {}, &Key::seal_from);
  return ring;
}

const Key* Keyring::primary(std::int64_t now) const noexcept {
  // Keys for the future are few and lie at the end, so the search from there is short.
  for (const Key* key : std::views::reverse(sealing_)) {
    if (key->seals_at(now)) return key;
  }
  return nullptr;
}

std::span<const Key* const> Keyring::candidates(Algorithm algorithm,
                                                std::string_view kid) const noexcept {
  const Index& index = by_algorithm_[static_cast<std::size_t>(algorithm)];
  if (kid.empty()) return index.in_order;
  const auto found = index.by_kid.find(kid);
  if (found == index.by_kid.end()) return {};
  return std::span(index.in_order).subspan(found->second, 1);
}

}  // namespace sealring
