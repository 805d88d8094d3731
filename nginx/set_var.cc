// SPDX-License-Identifier: Apache-2.0
// set_encrypt_session and set_decrypt_session, applied to a value.
#include "module.h"

namespace sealring::nginx {
namespace {

// What sealing and opening need from the request.
struct Job {
  const LocationConf* conf;
  sealring_sealer* sealer;
  ngx_str_t context;
  int64_t now;
};

bool prepare(ngx_http_request_t* r, Job* job) {
  job->conf = static_cast<LocationConf*>(
      ngx_http_get_module_loc_conf(r, ngx_http_encrypted_session_module));
  if (job->conf->sealer == nullptr) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "encrypted_session: a key is required to be defined by the "
                  "encrypted_session_key directive");
    return false;
  }
  // nginx's clock and not time(), so that everything that nginx logs about a request has the same
  // time. It is updated when a loop gets its events, so it is late by the time that the loop has
  // spent since.
  job->now = ngx_time();
  job->sealer = ready_sealer(job->conf->sealer, job->now, r->connection->log);
  if (job->sealer == nullptr) return false;
  // Without a ring there are only tokens of the old key, which are not bound to a context.
  const bool alone = !job->conf->keyring.is_set();
  if (job->conf->context_value == nullptr || alone) {
    ngx_str_null(&job->context);
    return true;
  }
  return ngx_http_complex_value(r, job->conf->context_value, &job->context) == NGX_OK;
}

void log_no_token(ngx_http_request_t* r, const Ring& ring, sealring_status status,
                  const char* detail) {
  ngx_log_t* log = r->connection->log;
  if (status == SEALRING_NO_PRIMARY_KEY) {
    ngx_log_error(NGX_LOG_ERR, log, 0,
                  "encrypted_session: cannot seal: no key of \"%V\" may seal now; look with "
                  "\"sealring keyring list %V\", fix with \"sealring keyring rotate "
                  "--activate-in 0 %V\"",
                  &ring.path, &ring.path, &ring.path);
  } else {
    ngx_log_error(NGX_LOG_ERR, log, 0, "encrypted_session: cannot seal: %s",
                  detail != nullptr ? detail : sealring_status_name(status));
  }
}

sealring_status open_token(const Job& job, const ngx_str_t& token, u_char* buffer, size_t capacity,
                           sealring_opened* opened) {
  // No token can have been sealed for a context that is too long.
  if (job.context.len > SEALRING_MAX_CONTEXT) {
    *opened = SEALRING_INIT(sealring_opened);
    return SEALRING_AUTHENTICATION_FAILED;
  }
  return sealring_open(job.sealer, job.now, job.context.data, job.context.len, token.data,
                       token.len, buffer, capacity, opened);
}

}  // namespace

// An operational failure is an HTTP 500: a login that sets an empty cookie would only look
// successful.
ngx_int_t encrypt_session(ngx_http_request_t* r, ngx_str_t payload, ngx_str_t* token) {
  const PlaceInLog place(r);
  Outcome* outcome = outcome_of(r);
  Job job;
  if (outcome == nullptr || !prepare(r, &job)) return NGX_ERROR;
  const LocationConf& conf = *job.conf;
  ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0, "encrypted_session: expires=%T",
                 conf.expires);

  const size_t capacity = sealring_sealed_size(job.sealer, payload.len);
  token->data = static_cast<u_char*>(ngx_pnalloc(r->pool, capacity));
  if (token->data == nullptr) return NGX_ERROR;

  sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
  const sealring_status status =
      sealring_seal(job.sealer, job.now, static_cast<uint64_t>(conf.expires), job.context.data,
                    job.context.len, payload.data, payload.len, token->data, capacity, &sealed);
  token->len = sealed.token_size;
  ngx_memcpy(outcome->id, sealed.id, sizeof(outcome->id));
  if (status == SEALRING_OK) return NGX_OK;
  log_no_token(r, *conf.sealer->ring, status, sealed.detail);
  return NGX_ERROR;
}

// Whatever is wrong with a token, the value is empty and the request continues without a session.
ngx_int_t decrypt_session(ngx_http_request_t* r, ngx_str_t token, ngx_str_t* payload) {
  const PlaceInLog place(r);
  Outcome* outcome = renew_outcome(r);
  Job job;
  if (outcome == nullptr || !prepare(r, &job)) return NGX_ERROR;
  *payload = literal("");
  if (token.len == 0) {
    outcome->opened_none = true;
    return NGX_OK;
  }

  const size_t capacity = sealring_opened_size(job.sealer, token.len);
  auto* buffer = static_cast<u_char*>(ngx_pnalloc(r->pool, capacity));
  if (buffer == nullptr) return NGX_ERROR;

  sealring_opened opened = SEALRING_INIT(sealring_opened);
  outcome->status = open_token(job, token, buffer, capacity, &opened);
  outcome->issued_at = opened.issued_at;
  outcome->expires_at = opened.expires_at;
  ngx_memcpy(outcome->kid, opened.kid, sizeof(outcome->kid));
  ngx_memcpy(outcome->id, opened.id, sizeof(outcome->id));
  outcome->detail = opened.detail;
  if (outcome->status != SEALRING_OK) {
    log_refusal(r, *outcome, job.now);
    return NGX_OK;
  }
  // The payload is in the buffer, but not necessarily at its start.
  payload->data = buffer + (opened.payload - buffer);
  payload->len = opened.payload_size;
  return NGX_OK;
}

}  // namespace sealring::nginx
