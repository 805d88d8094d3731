// SPDX-License-Identifier: Apache-2.0
// The Cookie headers of a request: as it came with them, and as an upstream gets them.
#include "session.h"

namespace sealring::nginx {
namespace {

void cookies_marker(void*) {}

// Calls visit(header) for each Cookie header that is not empty.
template <typename Visit>
void for_each_cookie_header(const ngx_http_request_t* r, Visit visit) {
  const ngx_str_t name = literal("Cookie");
  for (const ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr;
       part = part->next) {
    const auto* header = static_cast<const ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (header[i].value.len != 0 && is_header(header[i], name)) visit(header[i]);
    }
  }
}

}  // namespace

bool has_cookies(const ngx_http_request_t* r, const ngx_str_t* values, ngx_uint_t count) {
  bool same = true;
  ngx_uint_t i = 0;
  const auto skip_empty = [&] {
    while (i < count && values[i].len == 0) ++i;
  };
  for_each_cookie_header(r, [&](const ngx_table_elt_t& header) {
    skip_empty();
    same = same && i < count && values[i].data == header.value.data &&
           values[i].len == header.value.len;
    ++i;
  });
  skip_empty();
  return same && i == count;
}

namespace {

Cookies* read_headers(ngx_http_request_t* r) {
  auto* cookies = add_entry<Cookies>(r, cookies_marker);
  if (cookies == nullptr) return nullptr;
  for_each_cookie_header(r, [&](const ngx_table_elt_t&) { ++cookies->count; });
  const ngx_uint_t room = cookies->count + 1;
  cookies->headers =
      static_cast<ngx_table_elt_t*>(ngx_palloc(r->pool, room * sizeof(ngx_table_elt_t)));
  cookies->values = static_cast<ngx_str_t*>(ngx_palloc(r->pool, room * sizeof(ngx_str_t)));
  if (cookies->headers == nullptr || cookies->values == nullptr) return nullptr;
  ngx_uint_t i = 0;
  for_each_cookie_header(r, [&](const ngx_table_elt_t& header) {
    cookies->headers[i] = header;
    cookies->values[i++] = header.value;
  });
  return cookies;
}

// The values without the session's cookies. Null: there is no memory.
const ngx_str_t* without_session(ngx_http_request_t* r, Cookies* cookies, const Kind* kind) {
  for (const CutCookies* cut = cookies->cut; cut != nullptr; cut = cut->next) {
    if (cut->kind == kind) return cut->values;
  }
  sealring_session* session = new_session(r, kind);
  return session != nullptr ? read_session_cookies(r, cookies, kind, session) : nullptr;
}

}  // namespace

Cookies* cookies_of(ngx_http_request_t* r) {
  for (const ngx_pool_cleanup_t* entry = r->pool->cleanup; entry != nullptr; entry = entry->next) {
    if (entry->handler != cookies_marker) continue;
    auto* cookies = static_cast<Cookies*>(entry->data);
    if (has_cookies(r, cookies->values, cookies->count)) return cookies;
    for (const CutCookies* cut = cookies->cut; cut != nullptr; cut = cut->next) {
      if (has_cookies(r, cut->values, cookies->count)) return cookies;
    }
  }
  return read_headers(r);
}

const ngx_str_t* read_session_cookies(ngx_http_request_t* r, Cookies* cookies, const Kind* kind,
                                      sealring_session* session) {
  auto* cut = static_cast<CutCookies*>(ngx_palloc(r->pool, sizeof(CutCookies)));
  auto* values =
      static_cast<ngx_str_t*>(ngx_palloc(r->pool, (cookies->count + 1) * sizeof(ngx_str_t)));
  if (cut == nullptr || values == nullptr) return nullptr;
  for (ngx_uint_t i = 0; i < cookies->count; ++i) {
    const ngx_str_t& value = cookies->values[i];
    auto* rest = static_cast<u_char*>(ngx_pnalloc(r->pool, value.len + 1));
    if (rest == nullptr) return nullptr;
    const size_t size = sealring_session_read_cookies(session, text_of(value), value.len,
                                                      reinterpret_cast<char*>(rest));
    rest[size] = '\0';
    values[i] = size == value.len ? value : ngx_str_t{size, rest};
  }
  *cut = {kind, values, cookies->cut};
  cookies->cut = cut;
  return values;
}

bool pass_cookies(ngx_http_request_t* r, const SessionConf& conf) {
  Cookies* cookies = cookies_of(r);
  if (cookies == nullptr) return false;
  const ngx_str_t* values =
      conf.pass_cookie != 0 ? cookies->values : without_session(r, cookies, conf.kind);
  if (values == nullptr) return false;
  const bool has_header = conf.header.len != 0 && has_request_header(r, conf.header);
  if (!has_header && has_cookies(r, values, cookies->count)) return true;
  return set_cookies(r, *cookies, values, conf.header);
}

bool set_cookies(ngx_http_request_t* r, const Cookies& cookies, const ngx_str_t* values,
                 const ngx_str_t& removed) {
  auto* passed = static_cast<ngx_table_elt_t*>(
      ngx_palloc(r->pool, (cookies.count + 1) * sizeof(ngx_table_elt_t)));
  if (passed == nullptr) return false;
  ngx_uint_t count = 0;
  for (ngx_uint_t i = 0; i < cookies.count; ++i) {
    if (values[i].len == 0) continue;
    passed[count] = cookies.headers[i];
    passed[count++].value = values[i];
  }
  return replace_request_headers(r, removed, passed, count);
}

}  // namespace sealring::nginx
