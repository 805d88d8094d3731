// SPDX-License-Identifier: Apache-2.0
// The sealers of a worker: one for each ring and revocation list that are used together. The
// cycle's pool owns them.
#include "module.h"
#include "revocations.h"
#include "status/status.h"

namespace sealring::nginx {
namespace {

void free_sealer(void* data) {
  sealring_sealer_free(static_cast<Sealer*>(data)->sealer);
}

sealring_status make(Sealer* made, sealring_error* error) {
  sealring_sealer* sealer = nullptr;
  sealring_status status = sealring_sealer_new(made->ring->keyring, nullptr, &sealer, error);
  if (status == SEALRING_OK && made->list != nullptr) {
    status = sealring_sealer_use_revocations(sealer, made->list->revocations, made->refuse_stale);
  }
  if (status == SEALRING_OK) {
    sealring_sealer_count(sealer,
                          counters_of(main_conf(const_cast<const ngx_cycle_t*>(ngx_cycle))));
    made->sealer = sealer;
  } else {
    sealring_sealer_free(sealer);
  }
  return status;
}

}  // namespace

Sealer* sealer_for(ngx_conf_t* cf, Ring* ring, RevocationList* list, bool refuse_stale) {
  MainConf* main = main_conf(cf);
  for (Sealer* sealer = main->sealers; sealer != nullptr; sealer = sealer->next) {
    if (sealer->ring == ring && sealer->list == list && sealer->refuse_stale == refuse_stale)
      return sealer;
  }
  auto* sealer = static_cast<Sealer*>(ngx_pcalloc(cf->pool, sizeof(Sealer)));
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, 0);
  if (sealer == nullptr || cleanup == nullptr) return nullptr;
  cleanup->handler = free_sealer;
  cleanup->data = sealer;
  *sealer = {ring, list, refuse_stale, nullptr, main->sealers};
  main->sealers = sealer;
  return sealer;
}

// Makes the sealer if there is none: when the worker starts, or later if that failed.
sealring_sealer* ready_sealer(Sealer* sealer, int64_t now, ngx_log_t* log) {
  sealring_error error;  // its message is not zeroed, because this is done for each request
  error.size = sizeof(error);
  if (sealer->sealer == nullptr && make(sealer, &error) != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "encrypted_session: %s", error.message);
    return nullptr;
  }
  if (sealring_sealer_refresh(sealer->sealer, now, &error) != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "%s: %s",
                  error.status == SEALRING_INVALID_REVOCATIONS ? "session_revocations"
                                                               : "encrypted_session_keyring",
                  error.message);
  }
  if (sealer->list != nullptr) log_if_stale(sealer->list, log);
  return sealer->sealer;
}

}  // namespace sealring::nginx
