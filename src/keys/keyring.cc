// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring.h"

#include <algorithm>
#include <utility>

namespace sealring {
namespace {

bool is_modern(const Key& key) {
  return row(key.algorithm).modern;
}

// Whether two keys share a secret, and one of them is for a new format. It sorts: a hash table
// would keep a hash of each secret in memory that nobody wipes.
bool share_a_secret(std::span<const Key> keys) {
  std::vector<const Key*> by_secret;
  by_secret.reserve(keys.size());
  for (const Key& key : keys) by_secret.push_back(&key);
  std::ranges::sort(by_secret, {}, [](const Key* key) { return as_text(key->secret); });
  const auto shared = [](const Key* a, const Key* b) {
    return a->secret == b->secret && a->algorithm != b->algorithm &&
           (is_modern(*a) || is_modern(*b));
  };
  return std::ranges::adjacent_find(by_secret, shared) != by_secret.end();
}

}  // namespace

Explained<std::shared_ptr<const Keyring>> Keyring::make(std::vector<Key> keys) {
  if (keys.empty()) return problem(Error::invalid_keyring, "it holds no key");
  if (keys.size() > kMaxKeys) {
    return problem(Error::invalid_keyring, "it holds more than " + std::to_string(kMaxKeys) +
                                               " keys; remove old ones (sealring keyring prune)");
  }
  std::shared_ptr<Keyring> ring(new Keyring(std::move(keys)));
  if (share_a_secret(ring->keys_)) {
    return problem(Error::invalid_keyring,
                   "two keys of different algorithms share one secret, so the weaker endangers "
                   "the other; start a new ring: sealring keyring init");
  }
  for (const Key& key : ring->keys_) {
    if (!key.kid.empty() && !ring->by_kid_.emplace(key.kid, &key).second) {
      return problem(Error::invalid_keyring,
                     "it holds key " + key.kid + " twice; remove one of the two");
    }
    ring->by_format_[static_cast<std::size_t>(row(key.algorithm).format)].push_back(&key);
    if (key.may_seal) ring->sealing_.push_back(&key);
  }
  // Addresses are in ring order.
  const auto order = [](const Key* key) { return std::pair(key->seal_from, key); };
  std::ranges::sort(ring->sealing_, {}, order);
  return ring;
}

std::span<const Key* const> Keyring::candidates(FormatId format,
                                                std::string_view kid) const noexcept {
  if (kid.empty()) return by_format_[static_cast<std::size_t>(format)];
  const auto found = by_kid_.find(kid);
  if (found == by_kid_.end() || row(found->second->algorithm).format != format) return {};
  return std::span(&found->second, 1);
}

}  // namespace sealring
