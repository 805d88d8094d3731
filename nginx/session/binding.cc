// SPDX-License-Identifier: Apache-2.0
// Sessions that are bound to a device (spec/device-binding.md): the offer in the answer to a
// sign-in, and the two requests of browsers, which the server answers itself, before it looks for a
// location.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

enum class Request { none, registration, refresh };

// The header's value, in `text`; null: there is none. One that came twice is empty, which no value
// is.
const sealring_text* read_header(const ngx_http_request_t* r, const ngx_str_t& name,
                                 sealring_text* text) {
  const sealring_text* found = nullptr;
  for (const ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr;
       part = part->next) {
    const auto* header = static_cast<const ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (!is_header(header[i], name)) continue;
      *text = {text_of(header[i].value), header[i].value.len};
      if (found != nullptr) text->size = 0;
      found = text;
    }
  }
  return found;
}

bool is(const ngx_str_t& text, size_t begin, const char* word) {
  return text.len - begin == strlen(word) && memcmp(text.data + begin, word, text.len - begin) == 0;
}

Request request_of(const ngx_str_t& path, const Kind& kind) {
  const char* prefix = kind.binding.prefix;
  const size_t size = strlen(prefix);
  if (path.len <= size || memcmp(path.data, prefix, size) != 0) return Request::none;
  if (is(path, size, "register")) return Request::registration;
  return is(path, size, "refresh") ? Request::refresh : Request::none;
}

// An answer without a page: error pages of the configuration are for people.
ngx_int_t send(ngx_http_request_t* r, ngx_uint_t status, const sealring_text& body) {
  r->headers_out.status = status;
  r->headers_out.content_length_n = static_cast<off_t>(body.size);
  r->keepalive = r->keepalive && status < NGX_HTTP_INTERNAL_SERVER_ERROR;
  if (!forbid_storing(r)) return NGX_ERROR;
  if (body.size == 0) {
    r->header_only = 1;
    return ngx_http_send_header(r);
  }
  r->headers_out.content_type = literal("application/json");
  r->headers_out.content_type_len = r->headers_out.content_type.len;
  const ngx_int_t sent = ngx_http_send_header(r);
  if (sent == NGX_ERROR || sent > NGX_OK || r->header_only != 0) return sent;
  ngx_buf_t* buffer = ngx_create_temp_buf(r->pool, body.size);
  if (buffer == nullptr) return NGX_ERROR;
  buffer->last = ngx_cpymem(buffer->last, body.data, body.size);
  buffer->last_buf = 1;
  buffer->last_in_chain = 1;
  ngx_chain_t chain = {buffer, nullptr};
  return ngx_http_output_filter(r, &chain);
}

bool add_text(ngx_http_request_t* r, const ngx_str_t& name, const sealring_text& text) {
  if (text.size == 0) return true;
  const auto* data = reinterpret_cast<const u_char*>(text.data);
  return add_response_header(r, name, {text.size, const_cast<u_char*>(data)}) != nullptr;
}

bool open(ngx_http_request_t* r, Kind* kind, RequestSession* found) {
  Cookies* cookies = cookies_of(r);
  found->kind = kind;
  found->session = new_session(r, kind);
  if (cookies == nullptr || found->session == nullptr ||
      read_session_cookies(r, cookies, kind, found->session) == nullptr) {
    return false;
  }
  found->sealer = ready_sealer(kind->sealer, ngx_time(), r->connection->log);
  if (found->sealer == nullptr) return false;
  const size_t size = sealring_session_open_size(found->session, found->sealer);
  void* buffer = ngx_pnalloc(r->pool, size + 1);
  return buffer != nullptr &&
         sealring_session_open_to_bind(found->session, found->sealer, ngx_time(), buffer, size) ==
             SEALRING_OK;
}

void log_answer(ngx_http_request_t* r, const RequestSession& found,
                const sealring_binding_answer& answer, Request request) {
  constexpr const char* kWords[] = {"registered", "refreshed", "challenged", "refused",
                                    "refused",    "forged",    "unavailable"};
  const IdHash hash = id_hash_of(found);
  const sealring_session_info info = describe(found);
  const ngx_uint_t level = answer.outcome == SEALRING_BINDING_FORGED ? NGX_LOG_WARN : NGX_LOG_INFO;
  const char* why = answer.detail != nullptr ? answer.detail : "";
  const char* reason = info.reason != SEALRING_OK ? sealring_status_name(info.reason) : "";
  ngx_log_error(level, r->connection->log, 0, "session_binding: %s: %s%s%s%s%s (session %s)",
                request == Request::registration ? "registration" : "refresh",
                kWords[answer.outcome], *why != '\0' ? ": " : "", why, *reason != '\0' ? ": " : "",
                reason, hash.text);
}

// What REGISTERED and FORGED do to the session. False: the answer must not be sent.
bool apply(ngx_http_request_t* r, RequestSession* found, const sealring_binding_answer& answer) {
  ngx_log_t* log = r->connection->log;
  if (answer.outcome == SEALRING_BINDING_REGISTERED && !seal_session(r, found)) return false;
  if (answer.outcome == SEALRING_BINDING_FORGED) {
    revoke_former(*found, log);
    revoke_prior(*found, log);
  }
  return write_session_cookies(r, *found);
}

ngx_int_t answer(ngx_http_request_t* r, Kind* kind, Request request) {
  auto* found = static_cast<RequestSession*>(ngx_pcalloc(r->pool, sizeof(RequestSession)));
  auto* buffer = static_cast<char*>(ngx_pnalloc(r->pool, SEALRING_BINDING_SIZE));
  if (found == nullptr || buffer == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  sealring_binding_answer answer = SEALRING_INIT(sealring_binding_answer);
  sealring_text id, proof;
  const sealring_text* sent_id = read_header(r, literal("Sec-Secure-Session-Id"), &id);
  const sealring_text* sent_proof = read_header(r, literal("Secure-Session-Response"), &proof);
  sealring_status status = SEALRING_CRYPTO_FAILURE;
  if (open(r, kind, found)) {
    status = request == Request::registration
                 ? sealring_session_register(found->session, found->sealer, ngx_time(), sent_proof,
                                             buffer, &answer)
                 : sealring_session_refresh(found->session, found->sealer, ngx_time(), sent_id,
                                            sent_proof, buffer, &answer);
  }
  if (status != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "session_binding: cannot answer: %s",
                  sealring_status_name(status));
    return send(r, NGX_HTTP_SERVICE_UNAVAILABLE, {});
  }
  if (!apply(r, found, answer)) return send(r, NGX_HTTP_SERVICE_UNAVAILABLE, {});
  log_answer(r, *found, answer, request);
  if (!add_text(r, literal("Set-Cookie"), answer.cookie) ||
      !add_text(r, literal("Secure-Session-Challenge"), answer.challenge)) {
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  return send(r, static_cast<ngx_uint_t>(answer.status), answer.body);
}

}  // namespace

ngx_int_t answer_device(ngx_http_request_t* r) {
  if (r != r->main || r->internal != 0) return NGX_DECLINED;
  const auto* server = static_cast<SessionServerConf*>(
      ngx_http_get_module_srv_conf(r, ngx_http_sealring_session_module));
  const auto* conf = static_cast<const SessionConf* const*>(server->bindings.elts);
  for (ngx_uint_t i = 0; i < server->bindings.nelts; ++i) {
    Kind* kind = conf[i]->kind;
    const Request request = request_of(r->uri, *kind);
    if (request == Request::none) continue;
    const ngx_int_t discarded = ngx_http_discard_request_body(r);
    if (discarded != NGX_OK) return discarded;
    ngx_http_set_ctx(r, kind, ngx_http_sealring_session_module);
    if (r->method == NGX_HTTP_POST) return answer(r, kind, request);
    if (add_response_header(r, literal("Allow"), literal("POST")) == nullptr) return NGX_ERROR;
    return send(r, NGX_HTTP_NOT_ALLOWED, {});
  }
  return NGX_DECLINED;
}

// Its answer has all that it needs, and the session is not to be opened a second time.
bool is_of_device(const ngx_http_request_t* r) {
  return ngx_http_get_module_ctx(r, ngx_http_sealring_session_module) != nullptr;
}

bool offer_registration(ngx_http_request_t* r, const RequestSession& found) {
  if (found.kind->binding.size == 0) return true;
  auto* buffer = static_cast<char*>(ngx_pnalloc(r->pool, SEALRING_BINDING_SIZE));
  if (buffer == nullptr) return false;
  sealring_text field;
  const sealring_status status =
      sealring_session_offer(found.session, found.sealer, ngx_time(), buffer, &field);
  if (status != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "session_binding: cannot offer a registration: %s", sealring_status_name(status));
    return true;  // the session is good without it
  }
  return add_text(r, literal("Secure-Session-Registration"), field);
}

}  // namespace sealring::nginx
