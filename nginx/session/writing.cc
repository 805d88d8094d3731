// SPDX-License-Identifier: Apache-2.0
// From a session to the response: whether there is anything to send, its cookies, what is revoked
// and what is logged.
#include "session.h"

namespace sealring::nginx {

bool have_same_cookie(const Kind& a, const Kind& b) {
  const auto path_of = [](const Kind& kind) {
    return kind.options.path != nullptr ? kind.options.path : "/";
  };
  return same_text(name_of_session(a), name_of_session(b)) && same_text(path_of(a), path_of(b)) &&
         same_text(a.options.domain, b.options.domain) &&
         a.options.partitioned == b.options.partitioned;
}

bool seal_session(ngx_http_request_t* r, RequestSession* found) {
  const size_t size = sealring_session_seal_size(found->session, found->sealer);
  void* buffer = ngx_pnalloc(r->pool, size);
  if (buffer == nullptr) return false;
  const sealring_status status =
      sealring_session_seal(found->session, found->sealer, ngx_time(), buffer, size);
  if (status == SEALRING_OK) return true;
  const sealring_session_info info = describe(*found);
  ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "session: cannot seal: %s%s%s%s",
                sealring_status_name(status), info.detail != nullptr ? " (" : "",
                info.detail != nullptr ? info.detail : "", info.detail != nullptr ? ")" : "");
  return false;
}

bool write_session_cookies(ngx_http_request_t* r, const RequestSession& found) {
  for (size_t i = 0; i < sealring_session_cookie_count(found.session); ++i) {
    char cookie[SEALRING_COOKIE_SIZE];
    const size_t size = sealring_session_cookie(found.session, i, cookie);
    auto* value = static_cast<u_char*>(ngx_pnalloc(r->pool, size));
    if (value == nullptr) return false;
    ngx_memcpy(value, cookie, size);
    if (add_response_header(r, literal("Set-Cookie"), {size, value}) == nullptr) return false;
  }
  return true;
}

namespace {

void log_change(ngx_http_request_t* r, const RequestSession& found, int32_t change) {
  if (change == SEALRING_CHANGE_RENEWED) return;
  ngx_log_t* log = r->connection->log;
  const IdHash hash = id_hash_of(found);
  if (change == SEALRING_CHANGE_STARTED) {
    ngx_log_error(NGX_LOG_INFO, log, 0, "session: started (session %s)", hash.text);
  } else if (change == SEALRING_CHANGE_ENDED) {
    ngx_log_error(NGX_LOG_INFO, log, 0, "session: ended: signed out (session %s)", hash.text);
  }
  const size_t parts = describe(found).parts;
  if (parts > 1) {
    ngx_log_error(NGX_LOG_NOTICE, log, 0, "session: it is split into %uz cookies (session %s)",
                  parts, hash.text);
  }
}

// One with other settings, of which the client has one cookie.
bool was_sent(const ngx_http_request_t* r, const RequestSession& found) {
  bool sent = false;
  for_each_session(r, [&](const RequestSession* other) {
    sent = sent || (other->sent && !other->given_up && have_same_cookie(*other->kind, *found.kind));
  });
  return sent;
}

}  // namespace

void revoke_former(const RequestSession& found, ngx_log_t* log) {
  RevocationList* list = found.kind->sealer->list;
  if (list == nullptr) return;
  sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
  const sealring_status status =
      sealring_session_revocation(found.session, found.sealer, &revocation);
  if (status != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, log, 0, "session_revocations: cannot revoke: %s",
                  sealring_status_name(status));
  } else if (revocation.until != 0) {
    revoke(list, revocation, log);
  }
}

bool write_session(ngx_http_request_t* r, RequestSession* found, Wanted wanted) {
  const bool was_good = has_session(*found);
  int32_t change;
  const sealring_status status =
      sealring_session_prepare(found->session, found->sealer, ngx_time(), &change);
  if (status != SEALRING_OK) {
    ngx_log_error(
        NGX_LOG_ERR, r->connection->log, 0, "session: cannot seal: %s",
        status == SEALRING_MALFORMED ? "it has too many fields" : sealring_status_name(status));
    return false;
  }
  revoke_prior(*found, r->connection->log);
  if (change == SEALRING_CHANGE_NONE) return true;
  const bool over = change == SEALRING_CHANGE_ENDED && describe(*found).reason != SEALRING_OK;
  if (over && was_good) log_refusal(r, *found);  // it was revoked while this request was answered
  // One that is refused for now would be back later if nobody had signed it out.
  const bool can_wait = change == SEALRING_CHANGE_RENEWED || (over && !found->signed_out);
  const bool shared = may_be_shared(r);
  if (can_wait && (shared || wanted == Wanted::only_changes)) return true;
  if (change == SEALRING_CHANGE_RENEWED && wanted == Wanted::all_but_renewal) return true;

  const bool to_send = !was_sent(r, *found);
  const bool to_seal = to_send && change != SEALRING_CHANGE_ENDED;
  if (to_seal && !seal_session(r, found)) return can_wait;
  revoke_former(*found, r->connection->log);
  const bool private_answer =
      change == SEALRING_CHANGE_STARTED || (change == SEALRING_CHANGE_ENDED && !over) || shared;
  if (private_answer && !forbid_storing(r)) return false;
  if (private_answer) keep_out_of_cache(r);
  if (!to_send) return true;
  found->sent = true;
  if (!over) log_change(r, *found, change);
  if (change == SEALRING_CHANGE_STARTED && !offer_registration(r, *found)) return false;
  return write_session_cookies(r, *found);
}

void write_too_late(ngx_http_request_t* r, const RequestSession& found, const ngx_str_t& header) {
  int32_t change;
  if (sealring_session_prepare(found.session, found.sealer, ngx_time(), &change) != SEALRING_OK ||
      change == SEALRING_CHANGE_NONE || change == SEALRING_CHANGE_RENEWED) {
    return;
  }
  const bool ended = change == SEALRING_CHANGE_ENDED;
  if (ended) {
    revoke_former(found, r->connection->log);
    log_change(r, found, change);
  }
  ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                "session_header: what the upstream says in %V for a part of the page \"%V\" comes "
                "after the page's header was sent, so %s; let the page itself answer it",
                &header, &r->main->uri,
                ended ? "the cookie stays with the client" : "the change is lost");
}

}  // namespace sealring::nginx
