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

std::unexpected<Problem> invalid_argument(std::string message) {
  return problem(Error::invalid_argument, std::move(message));
}

Explained<Key> to_key(Driver& driver, const sealring_key& given) {
  if (given.algorithm == nullptr) return invalid_argument("a key has no algorithm");
  const AlgorithmRow* algorithm = find_algorithm(given.algorithm);
  if (algorithm == nullptr) {
    return invalid_argument("there is no algorithm \"" + std::string(given.algorithm) + "\"");
  }
  if (given.secret_size > kMaxPayloadSize || given.iv_size > kMaxPayloadSize ||
      given.seal_from < 0 || given.open_until < 0) {
    return invalid_argument("a key's size or time is out of bounds");
  }
  Key key;
  key.algorithm = algorithm->algorithm;
  const Bytes secret = bytes(given.secret, given.secret_size);
  key.secret.assign(secret.begin(), secret.end());
  if (given.iv != nullptr) {
    key.iv = as_text(bytes(given.iv, given.iv_size));
  } else if (algorithm->max_iv_size > 0) {
    key.iv = kDefaultLegacyIv;
  }
  key.seal_from = given.seal_from;
  key.open_until = given.open_until;
  key.may_seal = given.open_only == 0;
  if (auto checked = check_key(driver, key); !checked) {
    return invalid_argument(std::string(algorithm->name) + " key: " + checked.error().message);
  }
  return key;
}

Explained<std::vector<Key>> to_keys(Driver& driver, const sealring_key* given, std::size_t count) {
  if (count > kMaxKeys) return invalid_argument("more keys than a ring holds");
  std::vector<Key> keys;
  keys.reserve(count);
  for (const sealring_key& one : std::span(given, count)) {
    auto key = to_key(driver, one);
    if (!key) return std::unexpected(key.error());
    keys.push_back(std::move(*key));
  }
  return keys;
}

Explained<std::vector<Key>> to_open_only_keys(Driver& driver, const sealring_key* given,
                                              std::size_t count) {
  auto keys = to_keys(driver, given, count);
  if (!keys) return keys;
  for (Key& key : *keys) key.may_seal = false;
  return keys;
}

// Entries that work on key rings use the default driver, for digests and random bytes.
template <class Entry>
sealring_status guarded_with_driver(sealring_error* error, Entry entry) noexcept {
  return guarded(error, [&]() -> Explained<void> {
    const auto driver = find_driver(kDefaultDriver);
    if (!driver) return std::unexpected(driver.error());
    return entry(**driver);
  });
}

// For entries that make a key, to hand on its kid.
template <class Entry>
sealring_status made_key(char* kid, sealring_error* error, Entry entry) noexcept {
  if (kid != nullptr) kid[0] = '\0';
  return guarded_with_driver(error, [&](Driver& driver) -> Explained<void> {
    const Explained<std::string> made = entry(driver);
    if (!made) return std::unexpected(made.error());
    if (kid != nullptr) copy_text(*made, std::span(kid, SEALRING_KID_SIZE));
    return {};
  });
}

}  // namespace

sealring_status sealring_keyring_from_keys(const sealring_key* keys, size_t count,
                                           sealring_keyring** keyring, sealring_error* error) {
  *keyring = nullptr;
  return guarded_with_driver(error, [&](Driver& driver) -> Explained<void> {
    auto converted = to_keys(driver, keys, count);
    if (!converted) return std::unexpected(converted.error());
    auto live = LiveKeyring::make(driver, std::move(*converted));
    if (!live) return invalid_argument("the key ring is refused: " + live.error().message);
    *keyring = new sealring_keyring{std::move(*live)};
    return {};
  });
}

sealring_status sealring_keyring_load(const char* path, const sealring_key* more, size_t count,
                                      sealring_keyring** keyring, sealring_error* error) {
  *keyring = nullptr;
  return guarded_with_driver(error, [&](Driver& driver) -> Explained<void> {
    auto converted = to_open_only_keys(driver, more, count);
    if (!converted) return std::unexpected(converted.error());
    auto live = LiveKeyring::load(driver, path);
    if (live && count > 0) live = LiveKeyring::extend(std::move(*live), std::move(*converted));
    if (!live) return std::unexpected(live.error());
    *keyring = new sealring_keyring{std::move(*live)};
    return {};
  });
}

sealring_status sealring_keyring_extend(const sealring_keyring* keyring, const sealring_key* more,
                                        size_t count, sealring_keyring** extended,
                                        sealring_error* error) {
  *extended = nullptr;
  return guarded_with_driver(error, [&](Driver& driver) -> Explained<void> {
    auto converted = to_open_only_keys(driver, more, count);
    if (!converted) return std::unexpected(converted.error());
    auto live = LiveKeyring::extend(keyring->live, std::move(*converted));
    if (!live) return invalid_argument("the key ring is refused: " + live.error().message);
    *extended = new sealring_keyring{std::move(*live)};
    return {};
  });
}

void sealring_keyring_free(sealring_keyring* keyring) {
  delete keyring;
}

size_t sealring_keyring_size(const sealring_keyring* keyring) {
  return keyring->live->current()->keys().size();
}

sealring_status sealring_keyring_key(const sealring_keyring* keyring, size_t index, int64_t now,
                                     sealring_key_info* info) {
  *info = {};
  const auto ring = keyring->live->current();
  if (index >= ring->keys().size()) return SEALRING_INVALID_ARGUMENT;
  const Key& key = ring->keys()[index];
  copy_text(key.kid, info->kid);
  copy_text(row(key.algorithm).name, info->algorithm);
  info->seal_from = key.seal_from;
  info->open_until = key.open_until;
  info->open_only = !key.may_seal;
  info->primary = ring->primary(now) == &key;
  return SEALRING_OK;
}

sealring_status sealring_keyring_readable_by(const char* path, uint32_t user, uint32_t group,
                                             const uint32_t* groups, size_t group_count,
                                             sealring_error* error) {
  return guarded(
      error, [&] { return check_readable_by(path, user, group, std::span(groups, group_count)); });
}

sealring_status sealring_keyring_file_init(const char* path, const char* algorithm,
                                           int64_t seal_from, char kid[SEALRING_KID_SIZE],
                                           sealring_error* error) {
  return made_key(kid, error, [&](Driver& driver) {
    return init_keyring_file(driver, path, algorithm, seal_from);
  });
}

sealring_status sealring_keyring_file_add(const char* path, const sealring_key* key,
                                          char kid[SEALRING_KID_SIZE], sealring_error* error) {
  return made_key(kid, error, [&](Driver& driver) -> Explained<std::string> {
    auto converted = to_key(driver, *key);
    if (!converted) return std::unexpected(converted.error());
    return add_to_keyring_file(driver, path, std::move(*converted));
  });
}

sealring_status sealring_keyring_file_rotate(const char* path, int64_t now, int64_t activate_in,
                                             int64_t max_lifetime, char kid[SEALRING_KID_SIZE],
                                             sealring_error* error) {
  return made_key(kid, error, [&](Driver& driver) {
    return rotate_keyring_file(driver, path, {now, activate_in, max_lifetime});
  });
}

sealring_status sealring_keyring_file_prune(const char* path, int64_t now, size_t* removed,
                                            sealring_error* error) {
  if (removed != nullptr) *removed = 0;
  return guarded_with_driver(error, [&](Driver& driver) -> Explained<void> {
    const auto count = prune_keyring_file(driver, path, now);
    if (!count) return std::unexpected(count.error());
    if (removed != nullptr) *removed = *count;
    return {};
  });
}
