// SPDX-License-Identifier: Apache-2.0
// What a child revokes itself: at once in the memory that processes share, and by a datagram to an
// agent, which the parent sends again until the list has it.
#include <apr_time.h>
#include <mpm_common.h>

#include "revocations.h"

namespace sealring::apache {
namespace {

// When the agent reads, but not as fast as this sends.
constexpr apr_interval_time_t kPause = apr_time_from_msec(10);
constexpr int kMaxPauses = 50;

// Whether it was sent. `error` says if that has to be logged.
bool send(const List& list, const sealring_revocation& revocation, int64_t now,
          sealring_error* error) {
  char message[SEALRING_REVOCATION_MESSAGE_SIZE];
  const size_t size = sealring_revocation_message(list.revocations, &revocation, message);
  return sealring_agent_send(list.agent, now, message, size, error) == SEALRING_OK;
}

// Whether the list has all now, or the agent takes no more.
bool send_again(List* list, size_t* position, const server_rec* main) {
  const int64_t now = apr_time_sec(apr_time_now());
  const Turn turn(*list);
  sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
  bool has_sent = false;
  for (size_t next = *position;
       sealring_revocations_next(list->revocations, now, &next, &revocation) != 0;) {
    sealring_error error = SEALRING_INIT(sealring_error);
    if (!send(*list, revocation, now, &error)) {
      if (error.message[0] != '\0') {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, main, "SessionCryptoRevocations: %s", error.message);
      }
      return !has_sent;
    }
    has_sent = true;
    *position = next;
  }
  return true;
}

// httpd calls this in the parent, every ten seconds.
int send_all_again(apr_pool_t*, server_rec* main) {
  const apr_array_header_t* lists = main_conf().lists;
  for (int i = 0; i < lists->nelts; ++i) {
    List* list = element<List*>(lists, i);
    if (list->agent == nullptr || list->shared == nullptr) continue;
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealring_revocations_refresh(list->revocations, apr_time_sec(apr_time_now()), &error) !=
        SEALRING_OK) {
      ap_log_error(APLOG_MARK, APLOG_ERR, 0, main, "SessionCryptoRevocations: %s", error.message);
    }
    size_t position = 0;
    for (int pauses = 0; !send_again(list, &position, main) && pauses < kMaxPauses; ++pauses) {
      apr_sleep(kPause);
    }
  }
  return DECLINED;
}

void revoke(request_rec* r, List* list, const sealring_revocation& revocation, int64_t now) {
  sealring_error error = SEALRING_INIT(sealring_error);
  int lost = 0;
  sealring_status status;
  {
    const Turn turn(*list);
    status = sealring_revoke(list->revocations, &revocation, now, &lost);
    if (list->agent != nullptr) send(*list, revocation, now, &error);
    if (lost != 0 && list->alerted_at == now) lost = 0;
    if (lost != 0) list->alerted_at = now;
  }
  if (status != SEALRING_OK) {
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "cannot revoke the session: %s",
                  sealring_status_name(status));
  }
  if (lost != 0) {
    ap_log_rerror(APLOG_MARK, APLOG_ALERT, 0, r,
                  "SessionCryptoRevocations: the memory for logouts that \"%s\" does not have is "
                  "full, and the one that ends first was dropped; let an agent write them to the "
                  "list",
                  list->file);
  }
  if (error.message[0] != '\0') {
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "SessionCryptoRevocations: %s", error.message);
  }
}

}  // namespace

void revoke_former(request_rec* r, const DirConf& conf, const sealring_session* session,
                   sealring_sealer* sealer, int64_t now) {
  List* list = find_list(conf.revocations);
  if (list == nullptr) return;
  sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
  const sealring_status status = sealring_session_revocation(session, sealer, &revocation);
  if (status != SEALRING_OK) {
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "cannot revoke the session: %s",
                  sealring_status_name(status));
  } else if (revocation.until != 0) {
    revoke(r, list, revocation, now);
  }
}

void register_agent_hooks() {
  ap_hook_monitor(send_all_again, nullptr, nullptr, APR_HOOK_MIDDLE);
}

}  // namespace sealring::apache
