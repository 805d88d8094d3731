// SPDX-License-Identifier: Apache-2.0
// The outcome of the last set_decrypt_session of a request: stored for the variables, and logged.
#include "module.h"

namespace sealring::nginx {
namespace {

// Marks our entry in a pool's list of cleanups; there is nothing to clean up.
void outcome_marker(void*) {}

// Names the place only by words from the configuration. There are two overloads: the compiler
// chooses the one that fits the server.
[[maybe_unused]] u_char* log_place(ngx_http_request_t* r, ngx_http_request_t* current,
                                   u_char* buffer, size_t size) {
  const auto* server =
      static_cast<ngx_http_core_srv_conf_t*>(ngx_http_get_module_srv_conf(r, ngx_http_core_module));
  const auto* location = static_cast<ngx_http_core_loc_conf_t*>(
      ngx_http_get_module_loc_conf(current, ngx_http_core_module));
  return ngx_snprintf(buffer, size, ", server: %V, location: \"%V\"", &server->server_name,
                      &location->name);
}

// For Angie.
[[maybe_unused]] u_char* log_place(ngx_log_t*, u_char* buffer, u_char* end, void* data) {
  const auto* logged = static_cast<const ngx_http_log_ctx_t*>(data);
  return log_place(logged->request, logged->current_request, buffer,
                   static_cast<size_t>(end - buffer));
}

}  // namespace

PlaceInLog::PlaceInLog(ngx_http_request_t* r) : request_(r->main), usual_(r->main->log_handler) {
  request_->log_handler = log_place;
}

PlaceInLog::~PlaceInLog() {
  request_->log_handler = usual_;
}

// An internal redirect (error_page, try_files) clears the module contexts of a request, but
// variables are also read afterwards, for example for the access log. The pool stays. Subrequests
// share it, so an outcome records its request.
const Outcome* find_outcome(const ngx_http_request_t* r) {
  for (const ngx_pool_cleanup_t* entry = r->pool->cleanup; entry != nullptr; entry = entry->next) {
    if (entry->handler != outcome_marker) continue;
    const auto* outcome = static_cast<const Outcome*>(entry->data);
    if (outcome->request == r) return outcome;
  }
  return nullptr;
}

Outcome* outcome_of(ngx_http_request_t* r) {
  if (const Outcome* found = find_outcome(r)) return const_cast<Outcome*>(found);
  ngx_pool_cleanup_t* entry = ngx_pool_cleanup_add(r->pool, sizeof(Outcome));
  if (entry == nullptr) return nullptr;
  entry->handler = outcome_marker;
  auto* outcome = static_cast<Outcome*>(entry->data);
  ngx_memzero(outcome, sizeof(*outcome));
  outcome->request = r;
  outcome->opened_none = true;
  outcome->status = SEALRING_CRYPTO_FAILURE;  // none that the variables would tell a time of
  return outcome;
}

Outcome* renew_outcome(ngx_http_request_t* r) {
  Outcome* outcome = outcome_of(r);
  if (outcome == nullptr) return nullptr;
  ngx_memzero(outcome, sizeof(*outcome));
  outcome->request = r;
  outcome->status = SEALRING_CRYPTO_FAILURE;  // until the caller sets it
  return outcome;
}

void log_refusal(ngx_http_request_t* r, const Outcome& outcome, int64_t now) {
  ngx_log_t* log = r->connection->log;
  if (outcome.status >= SEALRING_BUFFER_TOO_SMALL) {
    ngx_log_error(
        NGX_LOG_ERR, log, 0, "encrypted_session: cannot open: %s",
        outcome.detail != nullptr ? outcome.detail : sealring_status_name(outcome.status));
    return;
  }
  if (outcome.status == SEALRING_AUTHENTICATION_FAILED && outcome.kid[0] == '\0') {
    // An old token. The original logs one of these; the two cases cannot be distinguished here.
    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, log, 0,
                   "failed to decrypt session: bad AES-256 digest, or "
                   "failed to decrypt session: MD5 checksum mismatch");
  }
  if (outcome.status == SEALRING_EXPIRED) {
    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, log, 0, "encrypted_session: session expired: %uL <= %T",
                   outcome.expires_at, static_cast<time_t>(now));
  }
  const bool has_detail = outcome.detail != nullptr;
  ngx_log_error(NGX_LOG_INFO, log, 0, "encrypted_session: token refused: %s%s%s%s%s%s",
                sealring_status_name(outcome.status), outcome.kid[0] != '\0' ? ", key " : "",
                outcome.kid, has_detail ? " (" : "", has_detail ? outcome.detail : "",
                has_detail ? ")" : "");
}

}  // namespace sealring::nginx
