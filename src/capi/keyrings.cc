// SPDX-License-Identifier: Apache-2.0
// The C ABI: key rings.
#include "capi/guard.h"
#include "crypto/drivers.h"
#include "keys/jwk_set.h"
#include "keys/keyring_admin.h"

using namespace sealring;
using namespace sealring::capi;

static_assert(SEALRING_MAX_KEYS == kMaxKeys);
static_assert(SEALRING_MAX_PASSPHRASE == kMaxPassphraseSize);
static_assert(SEALRING_KID_SIZE == kMaxKidSize + 1);
static_assert(SEALRING_NO_PRIMARY_KEY == static_cast<int>(Error::no_primary_key));
static_assert(SEALRING_INVALID_KEYRING == static_cast<int>(Error::invalid_keyring));
static_assert(SEALRING_WRITE_FAILED == static_cast<int>(Error::write_failed));

namespace {

Explained<Key> to_key(Driver& driver, const sealring_key* argument) {
  const auto given = read_structure(argument);
  if (!given) {
    return invalid_argument(
        "the size of a sealring_key is not set, or it has members that this version of the library "
        "(" SEALRING_VERSION ") does not know");
  }
  if (given->algorithm == nullptr) return invalid_argument("a key has no algorithm");
  const AlgorithmRow* algorithm = find_algorithm(given->algorithm);
  if (algorithm == nullptr) {
    return invalid_argument("there is no algorithm \"" + std::string(given->algorithm) + "\"");
  }
  const auto invalid = [&](std::string_view what) {
    return invalid_argument(std::string(algorithm->name) + " key: " + std::string(what));
  };
  if (given->secret == nullptr) return invalid("its secret is NULL");
  if (given->iv == nullptr && given->iv_size != 0) return invalid("its IV is NULL and has a size");
  if (given->secret_size > kMaxPayloadSize || given->iv_size > kMaxPayloadSize ||
      given->seal_from < 0 || given->open_until < 0) {
    return invalid("a size or time is out of bounds");
  }
  Key key;
  key.algorithm = algorithm->algorithm;
  if (given->kid != nullptr) key.kid = given->kid;
  const Bytes secret = bytes(given->secret, given->secret_size);
  key.secret.assign(secret.begin(), secret.end());
  if (given->iv != nullptr) {
    key.iv = as_text(bytes(given->iv, given->iv_size));
  } else if (algorithm->max_iv_size > 0) {
    key.iv = kDefaultLegacyIv;
  }
  key.seal_from = given->seal_from;
  key.open_until = given->open_until;
  key.may_seal = given->open_only == 0;
  if (auto checked = check_key(driver, key); !checked) return invalid(checked.error().message);
  return key;
}

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

// Entries that work on key rings use the default driver, for digests and random bytes.
template <class Entry>
sealring_status guarded_with_driver(sealring_error* error, std::initializer_list<Required> required,
                                    Entry entry) noexcept {
  return guarded(error, required, [&]() -> Explained<void> {
    const auto driver = find_driver(kDefaultDriver);
    if (!driver) return std::unexpected(driver.error());
    return entry(**driver);
  });
}

// For entries that make a ring.
template <class Entry>
sealring_status made_ring(sealring_keyring** keyring, const char* name,
                          std::initializer_list<Required> required, sealring_error* error,
                          Entry entry) noexcept {
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

// For entries that make a key, to hand on its kid.
template <class Entry>
sealring_status made_key(char* kid, std::initializer_list<Required> required, sealring_error* error,
                         Entry entry) noexcept {
  if (kid != nullptr) kid[0] = '\0';
  return guarded_with_driver(error, required, [&](Driver& driver) -> Explained<void> {
    const Explained<std::string> made = entry(driver);
    if (!made) return std::unexpected(made.error());
    if (kid != nullptr) copy_text(*made, std::span(kid, SEALRING_KID_SIZE));
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

Explained<Live> accepted(Explained<Live> live) {
  if (!live) return invalid_argument("the key ring is refused: " + live.error().message);
  return live;
}

}  // namespace

sealring_status sealring_keyring_from_keys(const sealring_key* keys, size_t count,
                                           sealring_keyring** keyring, sealring_error* error) {
  return made_ring(keyring, "keyring", {}, error, [&](Driver& driver) -> Explained<Live> {
    auto converted = to_keys(driver, keys, count);
    if (!converted) return std::unexpected(converted.error());
    return accepted(LiveKeyring::make(driver, std::move(*converted)));
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

sealring_status sealring_keyring_list(const sealring_keyring* keyring, int64_t now,
                                      sealring_key_info* keys, size_t capacity, size_t* count,
                                      sealring_error* error) {
  if (count != nullptr) *count = 0;
  return guarded(error, {{keyring, "keyring"}, {count, "count"}}, [&]() -> Explained<void> {
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

sealring_status sealring_keyring_readable_by(const char* path, uint32_t user, uint32_t group,
                                             const uint32_t* groups, size_t group_count,
                                             sealring_error* error) {
  return guarded(error, {{path, "path"}}, [&]() -> Explained<void> {
    if (groups == nullptr && group_count != 0)
      return invalid_argument("the array of groups is NULL");
    return check_readable_by(path, user, group, std::span(groups, group_count));
  });
}

sealring_status sealring_keyring_file_init(const char* path, const char* algorithm,
                                           int64_t seal_from, char kid[SEALRING_KID_SIZE],
                                           sealring_error* error) {
  return made_key(kid, {{path, "path"}, {algorithm, "algorithm"}}, error, [&](Driver& driver) {
    return init_keyring_file(driver, path, algorithm, seal_from);
  });
}

sealring_status sealring_keyring_file_add(const char* path, const sealring_key* key,
                                          char kid[SEALRING_KID_SIZE], sealring_error* error) {
  return made_key(kid, {{path, "path"}, {key, "key"}}, error,
                  [&](Driver& driver) -> Explained<std::string> {
                    auto converted = to_key(driver, key);
                    if (!converted) return std::unexpected(converted.error());
                    return add_to_keyring_file(driver, path, std::move(*converted));
                  });
}

sealring_status sealring_keyring_file_rotate(const char* path, int64_t now, int64_t activate_in,
                                             int64_t max_lifetime, char kid[SEALRING_KID_SIZE],
                                             sealring_error* error) {
  return made_key(kid, {{path, "path"}}, error, [&](Driver& driver) {
    return rotate_keyring_file(driver, path, {now, activate_in, max_lifetime});
  });
}

sealring_status sealring_keyring_file_prune(const char* path, int64_t now, size_t* removed,
                                            sealring_error* error) {
  if (removed != nullptr) *removed = 0;
  return guarded_with_driver(error, {{path, "path"}}, [&](Driver& driver) -> Explained<void> {
    const auto count = prune_keyring_file(driver, path, now);
    if (!count) return std::unexpected(count.error());
    if (removed != nullptr) *removed = *count;
    return {};
  });
}
