// SPDX-License-Identifier: Apache-2.0
// The sids that sessions had before they were bound to a device. Each is revoked when requests with
// the old cookie can no longer be under way: not in the request that shows that the browser has the
// new one, but after a while. A worker that ends revokes what is left at once; what one that dies
// leaves behind is found by the next request of the same session.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

struct Waiting {
  ngx_queue_t link;  // first, so that a link is one of these
  ngx_event_t timer;
  RevocationList* list;
  sealring_revocation revocation;
};

// In each worker. By the first byte of their hashes.
ngx_queue_t waiting[256];

ngx_queue_t* bucket_of(const sealring_revocation& revocation) {
  ngx_queue_t* bucket = &waiting[revocation.hash[0]];
  if (bucket->next == nullptr) {
    ngx_queue_init(bucket);  // two statements
  }
  return bucket;
}

Waiting* waiting_of(ngx_queue_t* link) {
  return reinterpret_cast<Waiting*>(link);
}

bool is_waiting(const RevocationList* list, const sealring_revocation& revocation) {
  ngx_queue_t* bucket = bucket_of(revocation);
  for (ngx_queue_t* link = bucket->next; link != bucket; link = link->next) {
    const Waiting* other = waiting_of(link);
    if (other->list == list &&
        memcmp(other->revocation.hash, revocation.hash, sizeof(revocation.hash)) == 0) {
      return true;
    }
  }
  return false;
}

void finish(Waiting* entry, ngx_log_t* log) {
  revoke(entry->list, entry->revocation, log);
  ngx_queue_remove(&entry->link);
  ngx_free(entry);
}

void on_timer(ngx_event_t* timer) {
  finish(static_cast<Waiting*>(timer->data), timer->log);
}

bool wait(RevocationList* list, const sealring_revocation& revocation) {
  auto* entry = static_cast<Waiting*>(ngx_calloc(sizeof(Waiting), ngx_cycle->log));
  if (entry == nullptr) return false;
  entry->list = list;
  entry->revocation = revocation;
  entry->timer.handler = on_timer;
  entry->timer.data = entry;
  entry->timer.log = ngx_cycle->log;
  entry->timer.cancelable = 1;  // it does not keep a worker that ends
  ngx_queue_insert_tail(bucket_of(revocation), &entry->link);
  ngx_add_timer(&entry->timer, static_cast<ngx_msec_t>(revocation.revoked_at - ngx_time()) * 1000);
  return true;
}

}  // namespace

void revoke_prior(const RequestSession& found, ngx_log_t* log) {
  RevocationList* list = found.kind->sealer->list;
  if (list == nullptr) return;
  sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
  const sealring_status status = sealring_session_prior(found.session, found.sealer, &revocation);
  if (status != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "session_binding: cannot revoke: %s",
                  sealring_status_name(status));
  } else if (revocation.until != 0 && !is_waiting(list, revocation)) {
    const bool later = revocation.revoked_at > ngx_time();
    if (!later || !wait(list, revocation)) revoke(list, revocation, log);
  }
}

void revoke_all_prior(ngx_cycle_t* cycle) {
  for (ngx_queue_t& bucket : waiting) {
    while (bucket.next != nullptr && !ngx_queue_empty(&bucket)) {
      Waiting* entry = waiting_of(bucket.next);
      if (entry->timer.timer_set != 0) ngx_del_timer(&entry->timer);
      finish(entry, cycle->log);
    }
  }
}

}  // namespace sealring::nginx
