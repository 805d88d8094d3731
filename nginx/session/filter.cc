// SPDX-License-Identifier: Apache-2.0
// What the response does to the session, and the cookies that are sent with it.
#include "session.h"

namespace sealring::nginx {
namespace {

ngx_http_output_header_filter_pt next_filter;

bool is_cached(const ngx_http_request_t* r) {
#if (NGX_HTTP_CACHE)
  return r->cached;
#else
  (void)r;
  return false;
#endif
}

// A response that is only for this client must not be stored for others.
void keep_out_of_cache(ngx_http_request_t* r) {
#if (NGX_HTTP_CACHE)
  if (r->upstream != nullptr) r->upstream->cacheable = 0;
#else
  (void)r;
#endif
}

// The text is copied, because nginx may write the buffer that contains it to its cache.
bool replace_fields(ngx_http_request_t* r, RequestSession* found, const ngx_str_t& header,
                    const ngx_str_t& value) {
  auto* text = static_cast<char*>(ngx_pnalloc(r->pool, value.len + 1));
  if (text == nullptr) return false;
  ngx_memcpy(text, value.data, value.len);
  int ignored = 0;
  const sealring_status status =
      sealring_session_replace(found->session, text, value.len, &ignored);
  if (status != SEALRING_OK) {
    ngx_log_error(
        NGX_LOG_ERR, r->connection->log, 0,
        "session_header: what the upstream says in %V is not a text of at most %d fields, "
        "as in \"user=alice&role=admin\"; the session stays as it was",
        &header, SEALRING_SESSION_MAX_FIELDS);
  } else if (ignored != 0) {
    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "session_header: the upstream tries in %V to set a field that is sealring's own "
                  "(sid, auth_time, expiry, bound or prior); that field stays as it was",
                  &header);
  }
  return true;
}

// The upstream's header for the session, and cookies with the session's name that the upstream
// sets: both are removed from the response.
bool read_response(ngx_http_request_t* r, const SessionConf& conf, RequestSession* found) {
  const ngx_str_t set_cookie = literal("Set-Cookie");
  for (ngx_list_part_t* part = &r->headers_out.headers.part; part != nullptr; part = part->next) {
    auto* header = static_cast<ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      const ngx_str_t value = header[i].value;
      if (conf.header.len != 0 && is_header(header[i], conf.header)) {
        header[i].hash = 0;
        keep_out_of_cache(r);
        if (is_cached(r)) {
          ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                        "session_header: an answer from the cache has a session in it, which is "
                        "ignored; empty the cache");
        } else if (!found->failed && !replace_fields(r, found, conf.header, value)) {
          return false;
        }
      } else if (is_header(header[i], set_cookie) &&
                 sealring_session_owns_cookie(found->kind->profile, text_of(value), value.len) !=
                     0) {
        header[i].hash = 0;
        ngx_log_error(
            NGX_LOG_WARN, r->connection->log, 0,
            "session: the upstream sets a cookie of the session's name, which is removed; "
            "let it answer session_header instead");
      }
    }
  }
  return true;
}

bool set_fields(ngx_http_request_t* r, const SessionConf& conf, RequestSession* found) {
  if (conf.fields_to_set == nullptr) return true;
  const auto* field = static_cast<const FieldToSet*>(conf.fields_to_set->elts);
  for (ngx_uint_t i = 0; i < conf.fields_to_set->nelts; ++i) {
    ngx_str_t value;
    if (ngx_http_complex_value(r, field[i].value, &value) != NGX_OK) return false;
    if (value.len == 0) continue;
    // The value of a variable may be a view of memory that is freed earlier.
    auto* copy = static_cast<u_char*>(ngx_pnalloc(r->pool, value.len));
    if (copy == nullptr) return false;
    ngx_memcpy(copy, value.data, value.len);
    const ngx_str_t& name = field[i].name;
    if (sealring_session_set(found->session, text_of(name), name.len,
                             reinterpret_cast<const char*>(copy), value.len) != SEALRING_OK) {
      ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                    "session_set: the session has no room for \"%V\"; it holds at most %d fields",
                    &name, SEALRING_SESSION_MAX_FIELDS);
      return false;
    }
  }
  return true;
}

}  // namespace

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

}  // namespace

// The session that came is over, or another one has replaced it.
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

namespace {

// False: the response would promise what was not done, so it must not be sent.
bool write_session(ngx_http_request_t* r, RequestSession* found) {
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
  const bool can_wait = change == SEALRING_CHANGE_RENEWED || over;
  const bool shared = may_be_shared(r);
  if (can_wait && shared) return true;

  const bool to_seal = change != SEALRING_CHANGE_ENDED;
  if (to_seal && !seal_session(r, found)) return can_wait;
  revoke_former(*found, r->connection->log);
  const bool private_answer =
      change == SEALRING_CHANGE_STARTED || (change == SEALRING_CHANGE_ENDED && !over) || shared;
  if (private_answer && !forbid_storing(r)) return false;
  if (private_answer) keep_out_of_cache(r);
  if (!over) log_change(r, *found, change);
  if (change == SEALRING_CHANGE_STARTED && !offer_registration(r, *found)) return false;
  return write_session_cookies(r, *found);
}

bool finish_session(ngx_http_request_t* r, const SessionConf& conf, RequestSession* found) {
  const ngx_uint_t status = r->headers_out.status;
  if (status >= 200 && status < 400 && !set_fields(r, conf, found)) return false;
  // Not if the request was refused: a form on another site must not sign anybody out.
  const bool refused = status >= 400 && status < 500;
  if ((conf.end == 1 || found->ended) && !refused) sealring_session_end(found->session);
  return write_session(r, found);
}

ngx_int_t filter(ngx_http_request_t* r) {
  const SessionConf* conf = session_conf(r);
  if (conf->kind == nullptr || is_of_device(r)) return next_filter(r);
  RequestSession* found = session_of(r);
  if (found == nullptr) return NGX_ERROR;
  if (found->failed) return next_filter(r);
  const bool done =
      read_response(r, *conf, found) && (r != r->main || finish_session(r, *conf, found));
  if (done) return next_filter(r);
  found->failed = true;
  return ngx_http_filter_finalize_request(r, &ngx_http_sealring_session_module,
                                          NGX_HTTP_INTERNAL_SERVER_ERROR);
}

}  // namespace

void install_session_filter() {
  next_filter = ngx_http_top_header_filter;
  ngx_http_top_header_filter = filter;
}

}  // namespace sealring::nginx
