// SPDX-License-Identifier: Apache-2.0
// When a request comes to a location: which Cookie headers the application gets.
#include "../arguments.h"
#include "upstream_cookies.h"

namespace sealring::nginx {
namespace {

constexpr size_t kLongestNameInLog = 64;

// A client chooses the name, so it must not look like more of a log line.
struct NameInLog {
  explicit NameInLog(const sealring_text& name) {
    size = ngx_min(name.size, kLongestNameInLog);
    for (size_t i = 0; i < size; ++i) {
      const char c = name.data[i];
      text[i] = c > ' ' && c <= '~' && c != '"' ? static_cast<u_char>(c) : u_char{'?'};
    }
  }
  size_t size;
  u_char text[kLongestNameInLog];
};

void log_cut(ngx_http_request_t* r, const CookiesKind& kind, const sealring_cookies_info& info) {
  if (info.cut == 0) return;
  const NameInLog name(info.name);
  const bool has_detail = info.detail != nullptr;
  ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                "sealed_cookies: %s %uz of the request's cookies, one of them \"%*s\": "
                "%s%s%s%s%s%s",
                kind.mode == SEALRING_COOKIES_REPORT ? "enforce would cut out" : "cut out",
                info.cut, name.size, name.text, sealring_status_name(info.reason),
                info.kid[0] != '\0' ? ", key " : "", info.kid, has_detail ? " (" : "",
                has_detail ? info.detail : "", has_detail ? ")" : "");
}

bool was_refused(const RequestCookies& all, const ngx_http_request_t* r) {
  for (const Refusal* refusal = all.refusals; refusal != nullptr; refusal = refusal->next) {
    if (refusal->request == r) return true;
  }
  return false;
}

// Once for a request: then error_page may show what a location of the same kind says to that.
ngx_int_t refuse(ngx_http_request_t* r, RequestCookies* all, ngx_uint_t status) {
  auto* refusal = static_cast<Refusal*>(ngx_palloc(r->pool, sizeof(Refusal)));
  if (refusal == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  *refusal = {r, all->refusals};
  all->refusals = refusal;
  return static_cast<ngx_int_t>(status);
}

ngx_int_t prepare_request(ngx_http_request_t* r) {
  const CookiesConf* conf = cookies_conf(r);
  const CookiesKind* kind = conf->kind;
  if (conf->choice != nullptr && kind == nullptr) {
    log_incomplete(r);
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  RequestCookies* all = make_request_cookies(r);
  if (all == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  if (r == r->main) {
    if (all->kind != kind && !seal_before_redirect(r, all)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    if (all->has_location && all->kind == nullptr && kind != nullptr) settle(r);
    all->has_location = true;
    all->kind = kind;
  }
  if (kind == nullptr && all->rewritten == nullptr) return NGX_DECLINED;

  const Cookies* from = cookies_as_sent(r, all);
  if (from == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  const ngx_str_t* values = from->values;
  if (kind != nullptr) {
    bool is_new = false;
    RewrittenCookies* made = rewritten_for(r, all, kind, from, &is_new);
    if (made == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    if (r == r->main) all->shown = made;
    if (made->cookies != nullptr) {
      const sealring_cookies_info info = describe(*made);
      if (is_new) log_cut(r, *kind, info);
      const bool refuses = conf->refuse != 0 && kind->mode != SEALRING_COOKIES_REPORT;
      if (refuses && info.forged != 0 && !was_refused(*all, r)) return refuse(r, all, conf->refuse);
    }
    values = made->values;
  }
  if (has_cookies(r, values, from->count)) return NGX_DECLINED;
  const ngx_str_t none = {0, nullptr};
  return set_cookies(r, *from, values, none) ? NGX_DECLINED : NGX_HTTP_INTERNAL_SERVER_ERROR;
}

// A main request and its subrequests share variables. So nginx must not keep what they were in one
// location for another one.
void never_keep_variables(ngx_http_core_main_conf_t* core) {
  auto* key = static_cast<ngx_hash_key_t*>(core->variables_keys->keys.elts);
  for (ngx_uint_t i = 0; i < core->variables_keys->keys.nelts; ++i) {
    if (is(key[i].key, "http_cookie")) {
      static_cast<ngx_http_variable_t*>(key[i].value)->flags |= NGX_HTTP_VAR_NOCACHEABLE;
    }
  }
  auto* prefix = static_cast<ngx_http_variable_t*>(core->prefix_variables.elts);
  for (ngx_uint_t i = 0; i < core->prefix_variables.nelts; ++i) {
    if (is(prefix[i].name, "cookie_")) prefix[i].flags |= NGX_HTTP_VAR_NOCACHEABLE;
  }
}

}  // namespace

void log_incomplete(const ngx_http_request_t* r) {
  ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                "sealed_cookies: no encrypted_session_keyring or no sealed_cookies_context is in "
                "effect where this is served");
}

// nginx calls the handlers of a phase from the last to the first: `if`, `set` and `rewrite` of a
// location come later and see what the application gets.
ngx_int_t install_cookies_handler(ngx_conf_t* cf) {
  auto* core = static_cast<ngx_http_core_main_conf_t*>(
      ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
  auto* handler = static_cast<ngx_http_handler_pt*>(
      ngx_array_push(&core->phases[NGX_HTTP_REWRITE_PHASE].handlers));
  if (handler == nullptr) return NGX_ERROR;
  *handler = prepare_request;
  never_keep_variables(core);
  return NGX_OK;
}

}  // namespace sealring::nginx
