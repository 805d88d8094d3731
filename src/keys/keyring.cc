// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring.h"

#include <algorithm>
#include <ranges>
#include <utility>

namespace sealring {
namespace {

bool is_modern(const Key& key) {
  return row(key.algorithm).modern;
}

}  // namespace

Explained<std::shared_ptr<const Keyring>> Keyring::make(std::vector<Key> keys) {
  if (keys.empty()) return problem(Error::invalid_keyring, "it holds no key");
  if (keys.size() > kMaxKeys) {
    return problem(Error::invalid_keyring, "it holds more than " + std::to_string(kMaxKeys) +
                                               " keys; remove old ones (sealring keyring prune)");
  }
  std::shared_ptr<Keyring> ring(new Keyring(std::move(keys)));
  std::unordered_map<std::string_view, const Key*> by_secret;
  for (const Key& key : ring->keys_) {
    if (!key.kid.empty() && !ring->by_kid_.emplace(key.kid, &key).second) {
      return problem(Error::invalid_keyring,
                     "it holds key " + key.kid + " twice; remove one of the two");
    }
    const Key& same_secret = *by_secret.emplace(as_text(key.secret), &key).first->second;
    if (same_secret.algorithm != key.algorithm && (is_modern(key) || is_modern(same_secret))) {
      return problem(Error::invalid_keyring,
                     "two keys of different algorithms share one secret, so that the weaker opens "
                     "the way to the other; begin a new ring: sealring keyring init");
    }
    ring->by_format_[static_cast<std::size_t>(row(key.algorithm).format)].push_back(&key);
    if (key.may_seal) ring->sealing_.push_back(&key);
  }
  // Addresses rise in ring order.
  const auto order = [](const Key* key) { return std::pair(key->seal_from, key); };
  std::ranges::sort(ring->sealing_, {}, order);
  return ring;
}

const Key* Keyring::primary(std::int64_t now) const noexcept {
  // Keys for the future are few and lie at the end, so the search from there is short.
  for (const Key* key : std::views::reverse(sealing_)) {
    if (key->seals_at(now)) return key;
  }
  return nullptr;
}

std::span<const Key* const> Keyring::candidates(FormatId format,
                                                std::string_view kid) const noexcept {
  if (kid.empty()) return by_format_[static_cast<std::size_t>(format)];
  const auto found = by_kid_.find(kid);
  if (found == by_kid_.end() || row(found->second->algorithm).format != format) return {};
  return std::span(&found->second, 1);
}

}  // namespace sealring
