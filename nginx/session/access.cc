// SPDX-License-Identifier: Apache-2.0
// Before a request is answered: it gets the headers that are for an upstream, and session_require
// decides.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

// Before subrequests, among them those of auth_request, copy the headers.
ngx_int_t prepare_request(ngx_http_request_t* r) {
  const SessionConf* conf = session_conf(r);
  if (conf->on == 0) return NGX_DECLINED;
  if (conf->kind == nullptr) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "session: no encrypted_session_keyring is in effect where this is served");
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  if (session_of(r) == nullptr || !pass_cookies(r, *conf)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  // $http_cookie may have been asked for before.
  const auto* main = static_cast<SessionMainConf*>(
      ngx_http_get_module_main_conf(r, ngx_http_sealring_session_module));
  r->variables[main->http_cookie].valid = 0;
  r->variables[main->http_cookie].not_found = 0;
  return NGX_DECLINED;
}

// In the location that a request comes to, whatever location it goes to from there.
ngx_int_t note_end(ngx_http_request_t* r) {
  const SessionConf* conf = session_conf(r);
  if (conf->end == 0 || conf->kind == nullptr || r != r->main) return NGX_DECLINED;
  RequestSession* found = session_of(r);
  if (found == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  found->ended = true;
  return NGX_DECLINED;
}

bool contains(const ngx_str_t& text, const ngx_str_t& part) {
  return ngx_strlcasestrn(text.data, text.data + text.len, part.data, part.len - 1) != nullptr;
}

// Whether a person will see the response to this request.
bool is_navigation(const ngx_http_request_t* r) {
  if (const ngx_table_elt_t* mode = find_header(r, literal("Sec-Fetch-Mode"))) {
    return mode->value.len == 8 && memcmp(mode->value.data, "navigate", 8) == 0;
  }
  if ((r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD)) == 0) return false;
  const ngx_table_elt_t* accept = find_header(r, literal("Accept"));
  return accept != nullptr && contains(accept->value, literal("text/html"));
}

// The requested path and query. The path begins with exactly one slash, because with two it would
// name a host.
ngx_str_t path_of(const ngx_http_request_t* r) {
  ngx_str_t path = r->main->unparsed_uri;
  while (path.len > 0 && (path.data[0] == '/' || path.data[0] == '\\')) {
    ++path.data;
    --path.len;
  }
  return path;
}

ngx_int_t send_to_login(ngx_http_request_t* r, const ngx_str_t& login) {
  const ngx_str_t path = path_of(r);
  const size_t escaped =
      path.len + 2 * ngx_escape_uri(nullptr, path.data, path.len, NGX_ESCAPE_URI_COMPONENT);
  const ngx_str_t next = literal("next=%2F");
  auto* target = static_cast<u_char*>(ngx_pnalloc(r->pool, login.len + 1 + next.len + escaped));
  if (target == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  const bool has_query = memchr(login.data, '?', login.len) != nullptr;
  u_char* end = ngx_cpymem(target, login.data, login.len);
  *end++ = has_query ? '&' : '?';
  end = ngx_cpymem(end, next.data, next.len);
  ngx_escape_uri(end, path.data, path.len, NGX_ESCAPE_URI_COMPONENT);
  end += escaped;

  ngx_http_clear_location(r);
  r->headers_out.location =
      add_response_header(r, literal("Location"), {static_cast<size_t>(end - target), target});
  return r->headers_out.location != nullptr ? NGX_HTTP_SEE_OTHER : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

ngx_int_t ask_for_login(ngx_http_request_t* r, const SessionConf& conf) {
  if (conf.login == nullptr || !is_navigation(r)) return NGX_HTTP_UNAUTHORIZED;
  ngx_str_t login;
  if (ngx_http_complex_value(r, conf.login, &login) != NGX_OK) {
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  const auto* query = static_cast<u_char*>(memchr(login.data, '?', login.len));
  const size_t size = query != nullptr ? static_cast<size_t>(query - login.data) : login.len;
  if (size == r->uri.len && memcmp(login.data, r->uri.data, size) == 0) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "session_login: the page \"%V\" itself requires a session; add "
                  "\"session_require off;\" to its location",
                  &r->uri);
    return NGX_HTTP_UNAUTHORIZED;
  }
  return send_to_login(r, login);
}

bool meets(const Requirement& requirement, const ngx_str_t& value) {
  if (value.len == 0) return false;
  if (requirement.any_value) return true;
  const ngx_str_t& wanted = requirement.value;
  return value.len == wanted.len && memcmp(value.data, wanted.data, value.len) == 0;
}

// Where they are "off" by a directive, anybody may come in.
ngx_int_t without_sessions(ngx_http_request_t* r, const SessionConf& conf) {
  if (conf.place.named) return NGX_DECLINED;
  ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                "session_require: sessions are not on where \"%V\" is served, so nobody gets in; "
                "add \"session on;\" beside the session_require of %V:%ui, or \"session_require "
                "off;\" where anybody may",
                &r->uri, &conf.require_place.file, conf.require_place.line);
  return NGX_HTTP_INTERNAL_SERVER_ERROR;
}

ngx_int_t check_requirements(ngx_http_request_t* r) {
  const SessionConf* conf = session_conf(r);
  if (conf->requirements == nullptr || conf->requirements->nelts == 0) return NGX_DECLINED;
  if (conf->kind == nullptr) return without_sessions(r, *conf);
  RequestSession* found = session_of(r);
  if (found == nullptr || found->failed) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  if (!has_session(*found)) return ask_for_login(r, *conf);

  const auto* requirement = static_cast<const Requirement*>(conf->requirements->elts);
  for (ngx_uint_t i = 0; i < conf->requirements->nelts; ++i) {
    const ngx_str_t& wanted = requirement[i].value;
    if (meets(requirement[i], find_field(*found, requirement[i].name))) continue;
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "session: it does not have what session_require asks for: %V%s%V",
                  &requirement[i].name, requirement[i].any_value ? "" : "=", &wanted);
    return NGX_HTTP_FORBIDDEN;
  }
  // By `satisfy any`.
  if (r->access_code != 0) found->unchecked = true;
  return NGX_OK;
}

ngx_array_t* handlers_of(ngx_conf_t* cf, ngx_uint_t phase) {
  auto* core = static_cast<ngx_http_core_main_conf_t*>(
      ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
  return &core->phases[phase].handlers;
}

ngx_int_t add_first(ngx_conf_t* cf, ngx_uint_t phase, ngx_http_handler_pt handler) {
  auto* added = static_cast<ngx_http_handler_pt*>(ngx_array_push(handlers_of(cf, phase)));
  if (added == nullptr) return NGX_ERROR;
  *added = handler;
  return NGX_OK;
}

ngx_int_t add_last(ngx_conf_t* cf, ngx_uint_t phase, ngx_http_handler_pt handler) {
  ngx_array_t* handlers = handlers_of(cf, phase);
  if (ngx_array_push(handlers) == nullptr) return NGX_ERROR;
  auto* first = static_cast<ngx_http_handler_pt*>(handlers->elts);
  memmove(static_cast<void*>(first + 1), static_cast<const void*>(first),
          (handlers->nelts - 1) * sizeof(*first));
  *first = handler;
  return NGX_OK;
}

}  // namespace

// nginx calls the handlers of a phase from the last to the first. session_require is checked after
// all others: after auth_request, whose subrequest may start a session, and with `satisfy any` only
// if all others have refused.
ngx_int_t install_session_handlers(ngx_conf_t* cf) {
  if (add_last(cf, NGX_HTTP_PREACCESS_PHASE, prepare_request) != NGX_OK) return NGX_ERROR;
  if (add_last(cf, NGX_HTTP_ACCESS_PHASE, check_requirements) != NGX_OK) return NGX_ERROR;
  // Before the rewrite module, which may answer, or go on elsewhere. No location has to be written
  // for the requests of devices.
  if (add_first(cf, NGX_HTTP_REWRITE_PHASE, note_end) != NGX_OK) return NGX_ERROR;
  return add_first(cf, NGX_HTTP_SERVER_REWRITE_PHASE, answer_device);
}

}  // namespace sealring::nginx
