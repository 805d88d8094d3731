// SPDX-License-Identifier: Apache-2.0
// The parts of request and response headers that sessions need. Everything works on nginx's lists
// of headers, which are the same in all versions, and from which proxy, FastCGI, uwsgi, SCGI and
// gRPC build what they send.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

// CGI does not distinguish `-` and `_`, so neither does this when it cuts headers for an
// application.
bool equal_in_cgi(const ngx_str_t& a, const ngx_str_t& b) {
  if (a.len != b.len) return false;
  const auto same = [](u_char c) { return c == '_' ? u_char{'-'} : ngx_tolower(c); };
  for (size_t i = 0; i < a.len; ++i) {
    if (same(a.data[i]) != same(b.data[i])) return false;
  }
  return true;
}

ngx_table_elt_t* element(ngx_list_part_t* part, ngx_uint_t index) {
  return static_cast<ngx_table_elt_t*>(part->elts) + index;
}

bool has_word(const ngx_str_t& text, const char* word) {
  return ngx_strlcasestrn(text.data, text.data + text.len,
                          reinterpret_cast<u_char*>(const_cast<char*>(word)),
                          strlen(word) - 1) != nullptr;
}

// Calls visit(header) for each header of a list.
template <typename Visit>
void for_each(ngx_list_t* list, Visit visit) {
  for (ngx_list_part_t* part = &list->part; part != nullptr; part = part->next) {
    for (ngx_uint_t i = 0; i < part->nelts; ++i) visit(element(part, i));
  }
}

// nginx has the Cookie headers a second time, for $http_cookie and $cookie_NAME.
bool set_cookie_headers(ngx_http_request_t* r, ngx_table_elt_t* const* cookies, ngx_uint_t count) {
#if (nginx_version >= 1023000)
  r->headers_in.cookie = count != 0 ? cookies[0] : nullptr;
  for (ngx_uint_t i = 0; i < count; ++i) {
    cookies[i]->next = i + 1 < count ? cookies[i + 1] : nullptr;
  }
#else
  ngx_array_t* all = &r->headers_in.cookies;
  if (ngx_array_init(all, r->pool, count + 1, sizeof(ngx_table_elt_t*)) != NGX_OK) return false;
  for (ngx_uint_t i = 0; i < count; ++i) {
    *static_cast<ngx_table_elt_t**>(ngx_array_push(all)) = cookies[i];
  }
#endif
  return true;
}

}  // namespace

const ngx_table_elt_t* find_header(const ngx_http_request_t* r, const ngx_str_t& name) {
  for (const ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr;
       part = part->next) {
    const auto* header = static_cast<const ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (is_header(header[i], name)) return &header[i];
    }
  }
  return nullptr;
}

bool has_request_header(ngx_http_request_t* r, const ngx_str_t& name) {
  bool found = false;
  for_each(&r->headers_in.headers, [&](const ngx_table_elt_t* header) {
    found = found || equal_in_cgi(header->key, name);
  });
  return found;
}

// A list of its own, because main request and subrequests share theirs.
bool replace_request_headers(ngx_http_request_t* r, const ngx_str_t& removed,
                             const ngx_table_elt_t* cookies, ngx_uint_t count) {
  const ngx_str_t name = literal("Cookie");
  ngx_list_t old = r->headers_in.headers;
  ngx_uint_t size = count + 1;
  for_each(&old, [&](ngx_table_elt_t*) { ++size; });
  auto** mine =
      static_cast<ngx_table_elt_t**>(ngx_palloc(r->pool, (count + 1) * sizeof(ngx_table_elt_t*)));
  ngx_list_t* list = &r->headers_in.headers;
  if (mine == nullptr || ngx_list_init(list, r->pool, size, sizeof(ngx_table_elt_t)) != NGX_OK) {
    return false;
  }
  const auto add = [list](const ngx_table_elt_t& header) {
    auto* added = static_cast<ngx_table_elt_t*>(ngx_list_push(list));  // there is room
    *added = header;
    return added;
  };
  for_each(&old, [&](const ngx_table_elt_t* header) {
    const bool is_removed = removed.len != 0 && equal_in_cgi(header->key, removed);
    if (!is_removed && !is_header(*header, name)) add(*header);
  });
  for (ngx_uint_t i = 0; i < count; ++i) mine[i] = add(cookies[i]);
  return set_cookie_headers(r, mine, count);
}

ngx_table_elt_t* add_response_header(ngx_http_request_t* r, const ngx_str_t& name,
                                     const ngx_str_t& value) {
  auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_out.headers));
  if (header == nullptr) return nullptr;
  *header = {};
  header->hash = 1;
  header->key = name;
  header->value = value;
  return header;
}

// Decided by the response's own headers. A response from nginx's own cache goes to others too.
bool may_be_shared(ngx_http_request_t* r) {
#if (NGX_HTTP_CACHE)
  if (r->cached) return true;
#endif
  const ngx_str_t name = literal("Cache-Control");
  bool shared = false;
  for_each(&r->headers_out.headers, [&](const ngx_table_elt_t* header) {
    shared = shared || (is_header(*header, name) &&
                        (has_word(header->value, "public") || has_word(header->value, "s-maxage")));
  });
  return shared;
}

void keep_out_of_cache(ngx_http_request_t* r) {
#if (NGX_HTTP_CACHE)
  if (r->upstream != nullptr) r->upstream->cacheable = 0;
#else
  (void)r;
#endif
}

bool forbid_storing(ngx_http_request_t* r) {
  const ngx_str_t name = literal("Cache-Control");
  for_each(&r->headers_out.headers, [&](ngx_table_elt_t* header) {
    if (is_header(*header, name)) header->hash = 0;
  });
  ngx_table_elt_t* header = add_response_header(r, name, literal("no-store"));
#if (nginx_version >= 1023000)
  if (header != nullptr) r->headers_out.cache_control = header;
#endif
  return header != nullptr;
}

}  // namespace sealring::nginx
