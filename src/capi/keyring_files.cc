// SPDX-License-Identifier: Apache-2.0
// The C ABI: key ring files, and new keys.
#include "base/groups.h"
#include "capi/keys.h"
#include "keys/jwk_set.h"
#include "keys/keyring_admin.h"
#include "keys/keyring_file.h"

using namespace sealring;
using namespace sealring::capi;

static_assert(SEALRING_WRITE_FAILED == static_cast<int>(Error::write_failed));

namespace {

// For functions that make a key: returns its kid to the caller.
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

}  // namespace

sealring_status sealring_keyring_readable_by(const char* path, uint32_t user, uint32_t group,
                                             sealring_error* error) {
  return guarded(error, {{path, "path"}},
                 [&] { return check_readable_by(path, user, group, groups_of(user, group)); });
}

sealring_status sealring_keyring_generate(const char* algorithm, int64_t seal_from,
                                          char text[SEALRING_GENERATED_SIZE],
                                          char kid[SEALRING_KID_SIZE], sealring_error* error) {
  if (text != nullptr) text[0] = '\0';
  return made_key(kid, {{algorithm, "algorithm"}, {text, "text"}}, error,
                  [&](Driver& driver) -> Explained<std::string> {
                    const auto key = first_key(driver, algorithm, seal_from);
                    if (!key) return std::unexpected(key.error());
                    const SecretString set = format_jwk_set(std::span(&*key, 1));
                    copy_text(set, std::span(text, SEALRING_GENERATED_SIZE));
                    return key->kid;
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
