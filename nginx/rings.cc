// SPDX-License-Identifier: Apache-2.0
// The rings of a cycle, loaded while the configuration is read, and their sealers, made in each
// worker. The cycle's pool owns both. It is destroyed with the cycle: in the master on a reload, in
// a worker at its exit.
#include <string.h>
#include <unistd.h>

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
  const auto* path = reinterpret_cast<const char*>(ring->path.data);
  if (ring->key.data == nullptr) return sealring_keyring_load(path, &ring->keyring, error);
  sealring_keyring* of_file = nullptr;
  sealring_status status = sealring_keyring_load(path, &of_file, error);
  if (status == SEALRING_OK) {
    status = sealring_keyring_extend(of_file, &old_key, 1, &ring->keyring, error);
  }
  sealring_keyring_free(of_file);
  return status;
}

void free_ring(void* data) {
  auto* ring = static_cast<Ring*>(data);
  sealring_sealer_free(ring->sealer);
  sealring_keyring_free(ring->keyring);
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
  cleanup->handler = free_ring;
  cleanup->data = ring;
  return ring;
}

Ring* rings_of(const ngx_cycle_t* cycle) {
  const auto* main = static_cast<MainConf*>(
      ngx_http_cycle_get_module_main_conf(cycle, ngx_http_encrypted_session_module));
  return main != nullptr ? main->rings : nullptr;
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
  auto* main = static_cast<MainConf*>(
      ngx_http_conf_get_module_main_conf(cf, ngx_http_encrypted_session_module));
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
ngx_int_t check_rings(ngx_cycle_t* cycle) {
  const auto* core =
      reinterpret_cast<ngx_core_conf_t*>(ngx_get_conf(cycle->conf_ctx, ngx_core_module));
  if (geteuid() != 0 || !core->master) return NGX_OK;

  const Ring* first = rings_of(cycle);
  for (const Ring* ring = first; ring != nullptr; ring = ring->next) {
    if (ring->path.data == nullptr || is_repeated(first, ring)) continue;
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealring_keyring_readable_by(reinterpret_cast<const char*>(ring->path.data), core->user,
                                     core->group, &error) != SEALRING_OK) {
      // The log that got the configuration's other messages: a new error_log drops warnings unless
      // its level is lowered.
      ngx_log_error(NGX_LOG_WARN, cycle->old_cycle->log, 0,
                    "encrypted_session_keyring: worker processes will not see this ring change: %s",
                    error.message);
    }
  }
  return NGX_OK;
}

// Makes the sealers before the first request needs them. A failure is logged, and each request
// tries again: ending the worker here would stop every site that it serves.
ngx_int_t start_worker(ngx_cycle_t* cycle) {
  if (ngx_process != NGX_PROCESS_WORKER && ngx_process != NGX_PROCESS_SINGLE) return NGX_OK;
  for (Ring* ring = rings_of(cycle); ring != nullptr; ring = ring->next) {
    ready_sealer(ring, ngx_time(), cycle->log);
  }
  return NGX_OK;
}

// Makes the sealer if there is none: when the worker starts, or later if that failed.
sealring_sealer* ready_sealer(Ring* ring, int64_t now, ngx_log_t* log) {
  sealring_error error = SEALRING_INIT(sealring_error);
  if (ring->sealer == nullptr &&
      sealring_sealer_new(ring->keyring, nullptr, &ring->sealer, &error) != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "encrypted_session: %s", error.message);
    return nullptr;
  }
  if (sealring_sealer_refresh(ring->sealer, now, &error) != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "encrypted_session_keyring: %s", error.message);
  }
  return ring->sealer;
}

}  // namespace sealring::nginx
