// SPDX-License-Identifier: Apache-2.0
// What a worker revokes itself: at once in the memory that processes share, and then by a datagram
// to an agent, which one worker sends again every few seconds until the list has it.
#include "revocations.h"

namespace sealring::nginx {
namespace {

constexpr ngx_msec_t kSendAgain = 5000;
constexpr ngx_msec_t kGoOn = 50;  // when the agent reads, but not as fast as this sends

// Makes it one worker at a time. nginx releases the lock of a worker that dies.
class Turn {
 public:
  explicit Turn(const RevocationList& list)
      : mutex_(&reinterpret_cast<ngx_slab_pool_t*>(list.zone->shm.addr)->mutex) {
    ngx_shmtx_lock(mutex_);
  }
  ~Turn() { ngx_shmtx_unlock(mutex_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  ngx_shmtx_t* mutex_;
};

// Whether it was sent.
bool send(const RevocationList& list, const sealring_revocation& revocation, ngx_log_t* log) {
  char message[SEALRING_REVOCATION_MESSAGE_SIZE];
  const size_t size = sealring_revocation_message(list.revocations, &revocation, message);
  sealring_error error = SEALRING_INIT(sealring_error);
  if (sealring_agent_send(list.agent, ngx_time(), message, size, &error) == SEALRING_OK) {
    return true;
  }
  if (error.message[0] != '\0') {
    ngx_log_error(NGX_LOG_ERR, log, 0, "session_revocations: %s", error.message);
  }
  return false;
}

bool find_next(const RevocationList& list, size_t* position, sealring_revocation* revocation) {
  const Turn turn(list);
  return sealring_revocations_next(list.revocations, ngx_time(), position, revocation) != 0;
}

// Goes on where the call before stopped. Returns when to call it again.
ngx_msec_t send_again(RevocationList* list, ngx_log_t* log) {
  sealring_error error = SEALRING_INIT(sealring_error);
  if (sealring_revocations_refresh(list->revocations, ngx_time(), &error) != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "session_revocations: %s", error.message);
  }
  sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
  bool has_sent = false;
  for (size_t next = list->next_to_send; find_next(*list, &next, &revocation);) {
    if (!send(*list, revocation, log)) return has_sent ? kGoOn : kSendAgain;
    has_sent = true;
    list->next_to_send = next;
  }
  list->next_to_send = 0;
  return kSendAgain;
}

void on_timer(ngx_event_t* event) {
  auto* first = static_cast<RevocationList*>(event->data);
  ngx_msec_t wait = kSendAgain;
  for (RevocationList* list = first; list != nullptr; list = list->next) {
    if (list->agent == nullptr) continue;
    const ngx_msec_t next = send_again(list, event->log);
    if (next < wait) wait = next;
  }
  if (ngx_exiting == 0) ngx_add_timer(event, wait);
}

bool make_agents(ngx_cycle_t* cycle, RevocationList* first) {
  bool made = false;
  for (RevocationList* list = first; list != nullptr; list = list->next) {
    if (list->agent_path.data == nullptr) continue;
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealring_agent_new(text_of(list->agent_path), &list->agent, &error) == SEALRING_OK) {
      made = true;
    } else {
      ngx_log_error(NGX_LOG_ERR, cycle->log, 0, "session_revocations: %s", error.message);
    }
  }
  return made;
}

}  // namespace

void start_agents(ngx_cycle_t* cycle, RevocationList* first) {
  if (!make_agents(cycle, first) || ngx_worker != 0) return;
  auto* event = static_cast<ngx_event_t*>(ngx_pcalloc(cycle->pool, sizeof(ngx_event_t)));
  if (event == nullptr) return;
  event->handler = on_timer;
  event->data = first;
  event->log = cycle->log;
  event->cancelable = 1;  // it does not keep a worker that ends
  ngx_add_timer(event, kSendAgain);
}

void revoke(RevocationList* list, const sealring_revocation& revocation, ngx_log_t* log) {
  int lost = 0;
  sealring_status status;
  {
    const Turn turn(*list);
    status = sealring_revoke(list->revocations, &revocation, ngx_time(), &lost);
  }
  if (status != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "session_revocations: cannot revoke: %s",
                  sealring_status_name(status));
  }
  if (lost != 0 && list->alerted_at != ngx_time()) {
    list->alerted_at = ngx_time();
    ngx_log_error(NGX_LOG_ALERT, log, 0,
                  "session_revocations: the memory for logouts that \"%V\" does not have is full, "
                  "and the one that ends first was dropped; let an agent write them to the list",
                  &list->path);
  }
  if (list->agent != nullptr) send(*list, revocation, log);
}

}  // namespace sealring::nginx
