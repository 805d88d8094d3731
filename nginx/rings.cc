// SPDX-License-Identifier: Apache-2.0
// The rings of a cycle, loaded while the configuration is read. The cycle's pool owns them. It is
// destroyed with the cycle: in the master on a reload, in a worker at its exit.
#include <string.h>

#include "module.h"

namespace sealring::nginx {
namespace {

bool equal(const ngx_str_t& a, const ngx_str_t& b) {
  if (a.data == nullptr || b.data == nullptr) return a.data == b.data;
  return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

bool serves(const Ring& ring, const LocationConf& conf) {
  return equal(ring.path, conf.keyring.value) && equal(ring.key, conf.key.value) &&
         equal(ring.iv, conf.iv.value) && ring.legacy_end == conf.legacy_end;
}

sealring_status load(Ring* ring, sealring_error* error) {
  sealring_key old_key = SEALRING_INIT(sealring_key);
  old_key.algorithm = "nginx-legacy";
  old_key.secret = ring->key.data;
  old_key.secret_size = ring->key.len;
  old_key.iv = ring->iv.data;
  old_key.iv_size = ring->iv.len;
  old_key.open_until = ring->legacy_end;

  if (ring->path.data == nullptr) {
    return sealring_keyring_from_keys(&old_key, 1, &ring->keyring, error);
  }
  const auto* path = text_of(ring->path);
  if (ring->key.data == nullptr) return sealring_keyring_load(path, &ring->keyring, error);
  sealring_keyring* of_file = nullptr;
  sealring_status status = sealring_keyring_load(path, &of_file, error);
  if (status == SEALRING_OK) {
    status = sealring_keyring_extend(of_file, &old_key, 1, &ring->keyring, error);
  }
  sealring_keyring_free(of_file);
  return status;
}

void free_keyring(void* keyring) {
  sealring_keyring_free(static_cast<sealring_keyring*>(keyring));
}

Ring* load_ring(ngx_conf_t* cf, const LocationConf& conf) {
  auto* ring = static_cast<Ring*>(ngx_pcalloc(cf->pool, sizeof(Ring)));
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, 0);
  if (ring == nullptr || cleanup == nullptr) return nullptr;
  ring->path = conf.keyring.value;
  ring->key = conf.key.value;
  ring->iv = conf.iv.value;
  ring->legacy_end = conf.legacy_end;

  sealring_error error = SEALRING_INIT(sealring_error);
  if (load(ring, &error) != SEALRING_OK) {
    const bool file = conf.keyring.is_set();
    complain(NGX_LOG_EMERG, cf, file ? conf.keyring : conf.key, "%s: %s",
             file ? "encrypted_session_keyring" : "encrypted_session_key", error.message);
    return nullptr;
  }
  cleanup->handler = free_keyring;
  cleanup->data = ring->keyring;
  return ring;
}

// Whether an earlier ring has the same file.
bool is_repeated(const Ring* first, const Ring* ring) {
  for (; first != ring; first = first->next) {
    if (equal(first->path, ring->path)) return true;
  }
  return false;
}

}  // namespace

Ring* ring_for(ngx_conf_t* cf, const LocationConf& conf) {
  MainConf* main = main_conf(cf);
  for (Ring* ring = main->rings; ring != nullptr; ring = ring->next) {
    if (serves(*ring, conf)) return ring;
  }
  Ring* ring = load_ring(cf, conf);
  if (ring == nullptr) return nullptr;
  ring->next = main->rings;
  main->rings = ring;
  return ring;
}

// The master loads rings as root, but a worker reads them as another user. If it cannot, it would
// miss a rotation.
void warn_of_unreadable_rings(ngx_cycle_t* cycle, const Ring* first, const ngx_core_conf_t& core) {
  for (const Ring* ring = first; ring != nullptr; ring = ring->next) {
    if (ring->path.data == nullptr || is_repeated(first, ring)) continue;
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealring_keyring_readable_by(text_of(ring->path), core.user, core.group, &error) !=
        SEALRING_OK) {
      // The log that got the configuration's other messages: a new error_log drops warnings unless
      // its level is lowered.
      ngx_log_error(NGX_LOG_WARN, cycle->old_cycle->log, 0,
                    "encrypted_session_keyring: worker processes will not see this ring change: %s",
                    error.message);
    }
  }
}

}  // namespace sealring::nginx
