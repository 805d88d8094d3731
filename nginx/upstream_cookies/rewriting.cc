// SPDX-License-Identifier: Apache-2.0
// What becomes of the Cookie headers of a request: once for all locations with the same settings.
// Main request, subrequests and internal redirects share it.
#include <memory>

#include "upstream_cookies.h"

namespace sealring::nginx {
namespace {

void request_marker(void*) {}

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

sealring_cookies* new_cookies(ngx_http_request_t* r, const CookiesKind& kind) {
  size_t room = sealring_cookies_size() + alignof(max_align_t) - 1;
  void* memory = ngx_palloc(r->pool, room);
  if (memory == nullptr) return nullptr;
  std::align(alignof(max_align_t), sealring_cookies_size(), memory, room);
  return sealring_cookies_init(memory, kind.policy);
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
  void* buffer = ngx_pnalloc(r->pool, size);
  if (buffer == nullptr) return SEALRING_OUT_OF_MEMORY;
  const sealring_status begun = sealring_cookies_begin(cookies, sealer, ngx_time(), buffer, size);
  if (begun != SEALRING_OK) return begun;
  for (ngx_uint_t i = 0; i < from.count; ++i) {
    sealring_text passed;
    const ngx_str_t& value = from.values[i];
    const sealring_status rewritten =
        sealring_cookies_rewrite(cookies, text_of(value), value.len, &passed);
    if (rewritten != SEALRING_OK) return rewritten;
    values[i] = {passed.size, reinterpret_cast<u_char*>(const_cast<char*>(passed.data))};
  }
  return SEALRING_OK;
}

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
  auto* made = static_cast<RewrittenCookies*>(ngx_palloc(r->pool, sizeof(RewrittenCookies)));
  if (made != nullptr) *made = {kind, from, values, cookies, r == r->main, 0, nullptr};
  return made;
}

}  // namespace

RequestCookies* request_cookies(const ngx_http_request_t* r) {
  for (const ngx_pool_cleanup_t* entry = r->pool->cleanup; entry != nullptr; entry = entry->next) {
    if (entry->handler == request_marker) return static_cast<RequestCookies*>(entry->data);
  }
  return nullptr;
}

RequestCookies* make_request_cookies(ngx_http_request_t* r) {
  RequestCookies* all = request_cookies(r);
  return all != nullptr ? all : add_entry<RequestCookies>(r, request_marker);
}

RewrittenCookies* rewritten_for(ngx_http_request_t* r, RequestCookies* all, const CookiesKind* kind,
                                const Cookies* from, bool* is_new) {
  *is_new = false;
  for (RewrittenCookies* made = all->rewritten; made != nullptr; made = made->next) {
    const bool of_this = made->of_main || r != r->main;
    if (made->kind == kind && made->from == from && of_this) return made;
  }
  RewrittenCookies* made = rewrite(r, kind, from);
  if (made == nullptr) return nullptr;
  *is_new = true;
  made->next = all->rewritten;
  return all->rewritten = made;
}

const Cookies* cookies_as_sent(ngx_http_request_t* r, const RequestCookies* all) {
  const Cookies* now = cookies_of(r);
  if (now == nullptr) return nullptr;
  for (const RewrittenCookies* made = all->rewritten; made != nullptr; made = made->next) {
    if (same_values(now->values, now->count, made->values, made->from->count)) return made->from;
  }
  return now;
}

sealring_cookies_info describe(const RewrittenCookies& rewritten) {
  sealring_cookies_info info = SEALRING_INIT(sealring_cookies_info);
  // On failure it is zero, which means that there were no cookies.
  if (sealring_cookies_describe(rewritten.cookies, &info) != SEALRING_OK) {
    info = SEALRING_INIT(sealring_cookies_info);
  }
  return info;
}

}  // namespace sealring::nginx
