// SPDX-License-Identifier: Apache-2.0
// What a response says of the session. Its header is sent when all that it does to the request's
// sessions was done.
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

bool text_of_fields(ngx_http_request_t* r, const RequestSession& found, ngx_str_t* text) {
  text->len = sealring_session_text_size(found.session);
  text->data = static_cast<u_char*>(ngx_pnalloc(r->pool, text->len + 1));
  if (text->data == nullptr) return false;
  sealring_session_text(found.session, reinterpret_cast<char*>(text->data));
  return true;
}

// The text is copied, because nginx may write the buffer that contains it to its cache.
bool replace_fields(ngx_http_request_t* r, RequestSession* found, const ngx_str_t& header,
                    const ngx_str_t& value) {
  auto* text = static_cast<char*>(ngx_pnalloc(r->pool, value.len + 1));
  if (text == nullptr) return false;
  ngx_memcpy(text, value.data, value.len);
  ngx_str_t before, after;
  if (!text_of_fields(r, *found, &before)) return false;
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
  if (!text_of_fields(r, *found, &after)) return false;
  if (status == SEALRING_OK) found->signed_out = after.len == 0;
  const bool is_same = before.len == after.len && memcmp(before.data, after.data, after.len) == 0;
  if (r->main->header_sent == 0) {
    found->changed = found->changed || !is_same;
  } else if (!is_same || found->signed_out) {
    write_too_late(r, *found, header);
  }
  return true;
}

// The upstream's header for the session, and cookies with the session's name that the upstream
// sets: both are removed from the response. False: it must not be sent.
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
        } else if (r->background == 0 &&  // as a mirror, whose answer the client does not get
                   (found->failed || !replace_fields(r, found, conf.header, value))) {
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

ngx_int_t filter(ngx_http_request_t* r) {
  const SessionConf* conf = session_conf(r);
  if (is_of_device(r)) return next_filter(r);
  RequestSession* found = nullptr;
  if (conf->kind != nullptr) {
    found = session_of(r);
    if (found == nullptr) return NGX_ERROR;
  }
  const bool read = found == nullptr || read_response(r, *conf, found);
  if (read && (r != r->main || finish_sessions(r, *conf, found))) return next_filter(r);
  if (found != nullptr) found->failed = true;
  if (r == r->main) for_each_session(r, [](RequestSession* each) { each->given_up = true; });
  return ngx_http_filter_finalize_request(r, &ngx_http_sealring_session_module,
                                          NGX_HTTP_INTERNAL_SERVER_ERROR);
}

}  // namespace

void install_session_filter() {
  next_filter = ngx_http_top_header_filter;
  ngx_http_top_header_filter = filter;
}

}  // namespace sealring::nginx
