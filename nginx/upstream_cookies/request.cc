// SPDX-License-Identifier: Apache-2.0
// The Cookie headers of a request as the application gets them. This is done once for all locations
// with the same settings: main request, subrequests and internal redirects share it.
#include <string.h>

#include <memory>

#include "upstream_cookies.h"

namespace sealring::nginx {
namespace {

constexpr size_t kLongestNameInLog = 64;

void rewritten_marker(void*) {}

// Calls visit(rewritten) from the last to the first, until it returns true.
template <typename Visit>
void for_each_rewritten(const ngx_http_request_t* r, Visit visit) {
  for (const ngx_pool_cleanup_t* entry = r->pool->cleanup; entry != nullptr; entry = entry->next) {
    if (entry->handler != rewritten_marker) continue;
    if (visit(static_cast<RewrittenCookies*>(entry->data))) return;
  }
}

bool same_values(const ngx_str_t* a, ngx_uint_t a_count, const ngx_str_t* b, ngx_uint_t b_count) {
  ngx_uint_t i = 0, j = 0;
  while (true) {
    while (i < a_count && a[i].len == 0) ++i;
    while (j < b_count && b[j].len == 0) ++j;
    if (i == a_count || j == b_count) return i == a_count && j == b_count;
    if (a[i].data != b[j].data || a[i].len != b[j].len) return false;
    ++i, ++j;
  }
}

// The headers as the client sent them, whatever this module and sessions have made of them. Null:
// there is no memory.
const Cookies* source_of(ngx_http_request_t* r) {
  const Cookies* source = cookies_of(r);
  if (source == nullptr) return nullptr;
  const Cookies* now = source;
  for_each_rewritten(r, [&](const RewrittenCookies* made) {
    if (!same_values(now->values, now->count, made->values, made->from->count)) return false;
    source = made->from;
    return true;
  });
  return source;
}

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

sealring_cookies* new_cookies(ngx_http_request_t* r, const CookiesKind& kind) {
  size_t room = sealring_cookies_size() + alignof(max_align_t) - 1;
  void* memory = ngx_palloc(r->pool, room);
  if (memory == nullptr) return nullptr;
  std::align(alignof(max_align_t), sealring_cookies_size(), memory, room);
  return sealring_cookies_init(memory, kind.policy);
}

const char* text_of(const ngx_str_t& value) {
  return reinterpret_cast<const char*>(value.data);
}

sealring_status open(ngx_http_request_t* r, const CookiesKind& kind, const Cookies& from,
                     sealring_cookies* cookies, ngx_str_t* values) {
  sealring_sealer* sealer = ready_sealer(kind.sealer, ngx_time(), r->connection->log);
  if (sealer == nullptr) return SEALRING_CRYPTO_FAILURE;
  for (ngx_uint_t i = 0; i < from.count; ++i) {
    const ngx_str_t& value = from.values[i];
    const sealring_status read = sealring_cookies_read(cookies, sealer, text_of(value), value.len);
    if (read != SEALRING_OK) return read;
  }
  const size_t size = sealring_cookies_open_size(cookies, sealer);
  void* buffer = ngx_pnalloc(r->pool, size + 1);
  if (buffer == nullptr) return SEALRING_OUT_OF_MEMORY;
  const sealring_status begun = sealring_cookies_begin(cookies, sealer, ngx_time(), buffer, size);
  if (begun != SEALRING_OK) return begun;
  for (ngx_uint_t i = 0; i < from.count; ++i) {
    sealring_text passed;
    const ngx_str_t& value = from.values[i];
    const sealring_status rewritten =
        sealring_cookies_rewrite(cookies, text_of(value), value.len, &passed);
    if (rewritten != SEALRING_OK) return rewritten;
    // nginx reads headers up to the zero behind them.
    values[i] = passed.data == text_of(value) ? value : copy_of(r, passed);
    if (values[i].data == nullptr) return SEALRING_OUT_OF_MEMORY;
  }
  return SEALRING_OK;
}

// Null: it failed, and this was logged.
RewrittenCookies* rewrite(ngx_http_request_t* r, const CookiesKind* kind, const Cookies* from) {
  auto* values =
      static_cast<ngx_str_t*>(ngx_palloc(r->pool, (from->count + 1) * sizeof(ngx_str_t)));
  sealring_cookies* cookies = from->count != 0 ? new_cookies(r, *kind) : nullptr;
  if (values == nullptr || (from->count != 0 && cookies == nullptr)) return nullptr;
  if (cookies != nullptr) {
    const sealring_status status = open(r, *kind, *from, cookies, values);
    if (status != SEALRING_OK) {
      ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "sealed_cookies: cannot open: %s",
                    sealring_status_name(status));
      return nullptr;
    }
  }
  auto* made = add_entry<RewrittenCookies>(r, rewritten_marker);
  if (made != nullptr) *made = {kind, from, values, cookies, r == r->main, 0, false};
  return made;
}

RewrittenCookies* find(const ngx_http_request_t* r, const CookiesKind* kind, const Cookies* from) {
  RewrittenCookies* found = nullptr;
  for_each_rewritten(r, [&](RewrittenCookies* made) {
    const bool same = made->kind == kind && made->from == from && (made->of_main || r != r->main);
    if (same) found = made;
    return same;
  });
  return found;
}

bool is_of_cookies(const ngx_str_t& variable) {
  constexpr char kPrefix[] = "cookie_";
  constexpr size_t kSize = sizeof(kPrefix) - 1;
  return (variable.len > kSize && memcmp(variable.data, kPrefix, kSize) == 0) ||
         (variable.len == 11 && memcmp(variable.data, "http_cookie", 11) == 0);
}

// They may have been asked for before.
void forget_variables(ngx_http_request_t* r) {
  const auto* core = static_cast<ngx_http_core_main_conf_t*>(
      ngx_http_get_module_main_conf(r, ngx_http_core_module));
  const auto* variable = static_cast<const ngx_http_variable_t*>(core->variables.elts);
  for (ngx_uint_t i = 0; i < core->variables.nelts; ++i) {
    if (!is_of_cookies(variable[i].name)) continue;
    r->variables[i].valid = 0;
    r->variables[i].not_found = 0;
  }
}

bool any_rewritten(const ngx_http_request_t* r) {
  bool any = false;
  for_each_rewritten(r, [&](const RewrittenCookies*) { return any = true; });
  return any;
}

ngx_int_t prepare_request(ngx_http_request_t* r) {
  const CookiesConf* conf = cookies_conf(r);
  const CookiesKind* kind = conf->kind;
  if (conf->choice != nullptr && kind == nullptr) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "sealed_cookies: no encrypted_session_keyring or no sealed_cookies_context is in "
                  "effect where this is served");
    return NGX_HTTP_INTERNAL_SERVER_ERROR;
  }
  if (kind == nullptr && !any_rewritten(r)) return NGX_DECLINED;

  const Cookies* from = source_of(r);
  if (from == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  const ngx_str_t* values = from->values;
  if (kind != nullptr) {
    const RewrittenCookies* made = find(r, kind, from);
    const bool is_new = made == nullptr;
    if (is_new) made = rewrite(r, kind, from);
    if (made == nullptr) return NGX_HTTP_INTERNAL_SERVER_ERROR;
    if (is_new && made->cookies != nullptr) {
      const sealring_cookies_info info = describe(*made);
      log_cut(r, *kind, info);
      const bool refuses = conf->refuse != 0 && kind->mode != SEALRING_COOKIES_REPORT;
      if (refuses && info.forged != 0) return static_cast<ngx_int_t>(conf->refuse);
    }
    values = made->values;
  }
  if (has_cookies(r, values, from->count)) return NGX_DECLINED;
  const ngx_str_t none = {0, nullptr};
  if (!set_cookies(r, *from, values, none)) return NGX_HTTP_INTERNAL_SERVER_ERROR;
  forget_variables(r);
  return NGX_DECLINED;
}

}  // namespace

RewrittenCookies* find_rewritten(const ngx_http_request_t* r) {
  const CookiesKind* kind = cookies_conf(r)->kind;
  RewrittenCookies* found = nullptr;
  for_each_rewritten(r, [&](RewrittenCookies* made) {
    const bool fits = made->of_main && (kind == nullptr || made->kind == kind);
    if (fits) found = made;
    return fits;
  });
  return found;
}

sealring_cookies_info describe(const RewrittenCookies& rewritten) {
  sealring_cookies_info info = SEALRING_INIT(sealring_cookies_info);
  // On failure it is zero, which means that there were no cookies.
  if (sealring_cookies_describe(rewritten.cookies, &info) != SEALRING_OK) {
    info = SEALRING_INIT(sealring_cookies_info);
  }
  return info;
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
  return NGX_OK;
}

}  // namespace sealring::nginx
