// SPDX-License-Identifier: Apache-2.0
// Keys, and the rings of a configuration: loaded while it is read, so that children have them even
// if they may not read the files, and freed with it.
#include <apr_crypto.h>
#include <apr_strings.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

constexpr char kDefaultAlgorithm[] = "apache-aes256";

// In constant time but for the length: one may be of a .htaccess file and the other not.
bool same_secret(const char* a, const char* b) {
  const size_t size = strlen(a);
  return size == strlen(b) && apr_crypto_equals(a, b, size) != 0;
}

bool same_passphrases(const apr_array_header_t* a, const apr_array_header_t* b) {
  if (a == b) return true;
  if (a == nullptr || b == nullptr || a->nelts != b->nelts) return false;
  for (int i = 0; i < a->nelts; ++i) {
    if (!same_secret(element<const char*>(a, i), element<const char*>(b, i))) return false;
  }
  return true;
}

Keys file_alone(const Keys& keys) {
  Keys alone = {};
  alone.ring_file = keys.ring_file;
  return alone;
}

// The old nginx format is binary, so no cookie can hold it.
sealring_status check_that_it_seals_text(const Keys& keys, const sealring_keyring* keyring,
                                         apr_pool_t* pool, sealring_error* error) {
  size_t count = 0;
  const int64_t now = apr_time_sec(apr_time_now());
  sealring_status status = sealring_keyring_list(keyring, now, nullptr, 0, &count, error);
  if (status != SEALRING_OK && status != SEALRING_BUFFER_TOO_SMALL) return status;
  auto* list =
      static_cast<sealring_key_info*>(apr_pcalloc(pool, count * sizeof(sealring_key_info)));
  for (size_t i = 0; i < count; ++i) list[i].size = sizeof(sealring_key_info);
  status = sealring_keyring_list(keyring, now, list, count, &count, error);
  if (status != SEALRING_OK) return status;
  for (size_t i = 0; i < count; ++i) {
    if (!list[i].primary || strcmp(list[i].algorithm, "nginx-legacy") != 0) continue;
    apr_snprintf(error->message, sizeof(error->message),
                 "the key that seals in \"%s\" is an nginx-legacy key, whose tokens are binary and "
                 "fit no session; add one that seals: sealring keyring rotate --activate-in 0 %s",
                 keys.ring_file, keys.ring_file);
    return SEALRING_INVALID_KEYRING;
  }
  return SEALRING_OK;
}

apr_status_t wipe_text(void* text) {
  explicit_bzero(text, strlen(static_cast<const char*>(text)));
  return APR_SUCCESS;
}

apr_status_t free_keyring(void* keyring) {
  sealring_keyring_free(static_cast<sealring_keyring*>(keyring));
  return APR_SUCCESS;
}

}  // namespace

bool same_text(const char* a, const char* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return strcmp(a, b) == 0;
}

bool same_keys(const Keys& a, const Keys& b) {
  if (!same_text(a.ring_file, b.ring_file) || !same_passphrases(a.passphrases, b.passphrases)) {
    return false;
  }
  // The rest is about passphrases.
  return a.passphrases == nullptr ||
         (a.passphrases_end == b.passphrases_end && same_text(a.algorithm, b.algorithm));
}

Keys lasting_keys(const Keys& keys, apr_pool_t* pool) {
  const Ring* ring = find_ring(keys);
  if (ring != nullptr) return ring->keys;
  Keys copy = keys;
  copy.ring_file = apr_pstrdup(pool, keys.ring_file);
  copy.algorithm = apr_pstrdup(pool, keys.algorithm);
  if (keys.passphrases == nullptr) return copy;
  apr_array_header_t* passphrases = apr_array_copy(pool, keys.passphrases);
  for (int i = 0; i < passphrases->nelts; ++i) {
    auto& passphrase = element<char*>(passphrases, i);
    passphrase = apr_pstrdup(pool, passphrase);
    apr_pool_cleanup_register(pool, passphrase, wipe_text, apr_pool_cleanup_null);
  }
  copy.passphrases = passphrases;
  return copy;
}

sealring_status make_keyring(const Keys& keys, apr_pool_t* temporary, sealring_keyring** keyring,
                             sealring_error* error) {
  const int count = keys.passphrases != nullptr ? keys.passphrases->nelts : 0;
  auto* old_keys = static_cast<sealring_key*>(
      apr_pcalloc(temporary, static_cast<apr_size_t>(count) * sizeof(sealring_key)));
  for (int i = 0; i < count; ++i) {
    const char* passphrase = element<const char*>(keys.passphrases, i);
    old_keys[i].size = sizeof(sealring_key);
    old_keys[i].algorithm = keys.algorithm != nullptr ? keys.algorithm : kDefaultAlgorithm;
    old_keys[i].secret = passphrase;
    old_keys[i].secret_size = strlen(passphrase);
    old_keys[i].open_until = keys.passphrases_end;
    old_keys[i].open_only = i > 0;
  }
  const auto size = static_cast<size_t>(count);
  if (keys.ring_file == nullptr) {
    return sealring_keyring_from_keys(old_keys, size, keyring, error);
  }
  const Ring* of_file = find_ring(file_alone(keys));
  if (of_file != nullptr) {
    return sealring_keyring_extend(of_file->keyring, old_keys, size, keyring, error);
  }
  if (count == 0) return sealring_keyring_load(keys.ring_file, keyring, error);
  sealring_keyring* loaded = nullptr;
  sealring_status status = sealring_keyring_load(keys.ring_file, &loaded, error);
  if (status == SEALRING_OK) {
    status = sealring_keyring_extend(loaded, old_keys, size, keyring, error);
  }
  sealring_keyring_free(loaded);
  return status;
}

const Ring* find_ring(const Keys& keys) {
  const apr_array_header_t* rings = main_conf().rings;
  for (int i = 0; i < rings->nelts; ++i) {
    const Ring& ring = element<Ring>(rings, i);
    if (same_keys(ring.keys, keys)) return &ring;
  }
  return nullptr;
}

// A file's ring is first loaded alone: those with passphrases behind it begin with its keys, also
// where only a request combines them, in a child that may not read the file, or when it is broken.
sealring_status load_ring(const Keys& keys, apr_pool_t* pool, sealring_error* error) {
  if (find_ring(keys) != nullptr) return SEALRING_OK;
  if (keys.ring_file != nullptr && keys.passphrases != nullptr) {
    const sealring_status status = load_ring(file_alone(keys), pool, error);
    if (status != SEALRING_OK) return status;
  }
  Ring ring = {keys, nullptr, nullptr};
  ring.warned_of_size =
      static_cast<volatile apr_uint32_t*>(apr_pcalloc(pool, sizeof(apr_uint32_t)));
  const sealring_status status = make_keyring(keys, pool, &ring.keyring, error);
  if (status != SEALRING_OK) return status;
  apr_pool_cleanup_register(pool, ring.keyring, free_keyring, apr_pool_cleanup_null);
  push(main_conf().rings, ring);
  if (keys.ring_file == nullptr) return SEALRING_OK;
  return check_that_it_seals_text(keys, ring.keyring, pool, error);
}

}  // namespace sealring::apache
