// SPDX-License-Identifier: Apache-2.0
// The C ABI: key rings.
#include "capi/keys.h"
#include "keys/jwk_set.h"

using namespace sealring;
using namespace sealring::capi;

static_assert(SEALRING_MAX_KEYS == kMaxKeys);
static_assert(SEALRING_NO_PRIMARY_KEY == static_cast<int>(Error::no_primary_key));
static_assert(SEALRING_INVALID_KEYRING == static_cast<int>(Error::invalid_keyring));

namespace {

Explained<std::vector<Key>> to_keys(Driver& driver, const sealring_key* given, std::size_t count) {
  if (count > kMaxKeys) return invalid_argument("more keys than a ring holds");
  if (count > 0 && given == nullptr) return invalid_argument("the array of keys is NULL");
  std::vector<Key> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto key = to_key(driver, element(given, i));
    if (!key) return std::unexpected(key.error());
    keys.push_back(std::move(*key));
  }
  return keys;
}

// For functions that make a ring.
template <class Entry>
sealring_status made_ring(sealring_keyring** keyring, const char* name,
                          std::initializer_list<Required> required, sealring_error* error,
                          Entry entry) {
  if (keyring == nullptr)
    return guarded(error, {{keyring, name}}, [] { return Explained<void>(); });
  *keyring = nullptr;
  return guarded_with_driver(error, required, [&](Driver& driver) -> Explained<void> {
    auto live = entry(driver);
    if (!live) return std::unexpected(live.error());
    *keyring = new sealring_keyring{std::move(*live)};
    return {};
  });
}

void describe(const Key& key, bool primary, std::size_t size, sealring_key_info* to) {
  sealring_key_info info{};
  copy_text(key.kid, info.kid);
  copy_text(row(key.algorithm).name, info.algorithm);
  info.seal_from = key.seal_from;
  info.open_until = key.open_until;
  info.open_only = !key.may_seal;
  info.primary = primary;
  to->size = size;
  write_structure(info, to);
}

using Live = std::shared_ptr<LiveKeyring>;

std::string refused(const Problem& problem) {
  return "the key ring is refused: " + problem.message;
}

Explained<Live> accepted(Explained<Live> live) {
  if (!live) return invalid_argument(refused(live.error()));
  return live;
}

}  // namespace

sealring_status sealring_keyring_from_keys(const sealring_key* keys, size_t count,
                                           sealring_keyring** keyring, sealring_error* error) {
  return made_ring(keyring, "keyring", {}, error, [&](Driver& driver) -> Explained<Live> {
    auto converted = to_keys(driver, keys, count);
    if (!converted) return std::unexpected(converted.error());
    return accepted(LiveKeyring::make(std::move(*converted)));
  });
}

sealring_status sealring_keyring_parse(const char* text, size_t size, sealring_keyring** keyring,
                                       sealring_error* error) {
  return made_ring(keyring, "keyring", {{text, "text"}}, error,
                   [&](Driver& driver) -> Explained<Live> {
                     auto keys = parse_jwk_set(driver, {text, size});
                     if (!keys) return problem(keys.error().error, refused(keys.error()));
                     auto live = LiveKeyring::make(std::move(*keys));
                     if (!live) return problem(live.error().error, refused(live.error()));
                     return live;
                   });
}

sealring_status sealring_keyring_load(const char* path, sealring_keyring** keyring,
                                      sealring_error* error) {
  return made_ring(keyring, "keyring", {{path, "path"}}, error,
                   [&](Driver& driver) { return LiveKeyring::load(driver, path); });
}

sealring_status sealring_keyring_extend(const sealring_keyring* keyring, const sealring_key* more,
                                        size_t count, sealring_keyring** extended,
                                        sealring_error* error) {
  return made_ring(extended, "extended", {{keyring, "keyring"}}, error,
                   [&](Driver& driver) -> Explained<Live> {
                     auto converted = to_keys(driver, more, count);
                     if (!converted) return std::unexpected(converted.error());
                     for (Key& key : *converted) key.may_seal = false;
                     return accepted(LiveKeyring::extend(keyring->live, std::move(*converted)));
                   });
}

void sealring_keyring_free(sealring_keyring* keyring) {
  delete keyring;
}

sealring_status sealring_keyring_refresh(sealring_keyring* keyring, int64_t now,
                                         sealring_error* error) {
  return guarded(error, {{keyring, "keyring"}}, [&] { return keyring->live->refresh(now); });
}

sealring_status sealring_keyring_list(const sealring_keyring* keyring, int64_t now,
                                      sealring_key_info* keys, size_t capacity, size_t* count,
                                      sealring_error* error) {
  if (count == nullptr) {
    return guarded(error, {{keyring, "keyring"}, {count, "count"}},
                   [] { return Explained<void>(); });
  }
  *count = 0;
  return guarded(error, {{keyring, "keyring"}}, [&]() -> Explained<void> {
    const auto ring = keyring->live->current();
    *count = ring->keys().size();
    if (keys == nullptr) return {};
    if (*count > capacity) {
      return problem(Error::buffer_too_small, "the ring has " + std::to_string(*count) +
                                                  " keys, and there is room for " +
                                                  std::to_string(capacity));
    }
    if (!has_size(keys)) return invalid_argument("the size of a sealring_key_info is not set");
    const Key* const primary = ring->primary(now);
    for (std::size_t i = 0; i < *count; ++i) {
      const Key& key = ring->keys()[i];
      describe(key, primary == &key, keys->size, element(keys, i));
    }
    return {};
  });
}
