// SPDX-License-Identifier: Apache-2.0
// The parts of request and response headers that sessions need. Everything works on nginx's lists
// of headers, which are the same in all versions, and from which proxy, FastCGI, uwsgi, SCGI and
// gRPC build what they send.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

bool equal(const ngx_str_t& a, const ngx_str_t& b) {
  return a.len == b.len && ngx_strncasecmp(a.data, const_cast<u_char*>(b.data), a.len) == 0;
}

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

// nginx's loops over a list expect that only the first part may be empty.
void unlink_empty_part(ngx_list_t* list, const ngx_list_part_t* part) {
  for (ngx_list_part_t* before = &list->part; before->next != nullptr; before = before->next) {
    if (before->next != part) continue;
    before->next = part->next;
    if (list->last == part) {
      list->last = before;
      list->nalloc = ngx_max(before->nelts, 1);  // it is full: another part comes next
    }
    return;
  }
}

// Removes an element from a list without moving others, because nginx has pointers to them: what
// follows it becomes a part of its own.
bool remove_element(ngx_http_request_t* r, ngx_list_part_t* part, ngx_uint_t index) {
  ngx_list_t* list = &r->headers_in.headers;
  auto* header = static_cast<ngx_table_elt_t*>(part->elts);
  const bool last = list->last == part;
  if (index + 1 == part->nelts) {
    --part->nelts;
    if (part->nelts == 0) unlink_empty_part(list, part);
    return true;
  }
  if (index == 0) {
    part->elts = header + 1;
    --part->nelts;
    if (last) --list->nalloc;
    return true;
  }
  auto* rest = static_cast<ngx_list_part_t*>(ngx_palloc(r->pool, sizeof(ngx_list_part_t)));
  if (rest == nullptr) return false;
  *rest = {header + index + 1, part->nelts - index - 1, part->next};
  part->nelts = index;
  part->next = rest;
  if (last) {
    list->last = rest;
    list->nalloc -= index + 1;
  }
  return true;
}

// nginx has a second list of the Cookie headers, for $http_cookie and $cookie_NAME.
void forget_cookie_header(ngx_http_request_t* r, const ngx_table_elt_t* removed) {
#if (nginx_version >= 1023000)
  for (ngx_table_elt_t** at = &r->headers_in.cookie; *at != nullptr; at = &(*at)->next) {
    if (*at == removed) {
      *at = removed->next;
      return;
    }
  }
#else
  auto** headers = static_cast<ngx_table_elt_t**>(r->headers_in.cookies.elts);
  for (ngx_uint_t i = 0; i < r->headers_in.cookies.nelts; ++i) {
    if (headers[i] != removed) continue;
    --r->headers_in.cookies.nelts;
    memmove(static_cast<void*>(headers + i), static_cast<const void*>(headers + i + 1),
            (r->headers_in.cookies.nelts - i) * sizeof(ngx_table_elt_t*));
    return;
  }
#endif
}

// Calls visit(part, index) for each header until it returns false; it may remove that header.
template <typename Visit>
bool for_each_header(ngx_http_request_t* r, Visit visit) {
  for (ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
    for (ngx_uint_t i = 0; i < part->nelts;) {
      const ngx_uint_t before = part->nelts;
      const void* elements = part->elts;
      if (!visit(part, i)) return false;
      // After a removal the next element has this index, or is in the next part.
      if (part->nelts == before && part->elts == elements) ++i;
    }
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

}  // namespace

bool is_header(const ngx_table_elt_t& header, const ngx_str_t& name) {
  return header.hash != 0 && equal(header.key, name);
}

// The values are new texts, because the old ones may be views of the session or of the client's
// buffer.
bool cut_request_cookies(ngx_http_request_t* r, const Kind& kind) {
  const ngx_str_t name = literal("Cookie");
  const bool done = for_each_header(r, [&](ngx_list_part_t* part, ngx_uint_t index) {
    ngx_table_elt_t* header = element(part, index);
    if (!is_header(*header, name)) return true;
    auto* rest = static_cast<u_char*>(ngx_pnalloc(r->pool, header->value.len + 1));
    if (rest == nullptr) return false;
    const size_t size = sealring_session_cut_cookies(
        kind.profile, reinterpret_cast<const char*>(header->value.data), header->value.len,
        reinterpret_cast<char*>(rest));
    if (size == header->value.len) return true;
    if (size == 0) {
      forget_cookie_header(r, header);
      return remove_element(r, part, index);
    }
    rest[size] = '\0';
    header->value = {size, rest};
    return true;
  });
  return done;
}

bool cut_request_header(ngx_http_request_t* r, const ngx_str_t& name) {
  return for_each_header(r, [&](ngx_list_part_t* part, ngx_uint_t index) {
    return !equal_in_cgi(element(part, index)->key, name) || remove_element(r, part, index);
  });
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
  for (ngx_list_part_t* part = &r->headers_out.headers.part; part != nullptr; part = part->next) {
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      const ngx_table_elt_t& header = *element(part, i);
      if (!is_header(header, name)) continue;
      if (has_word(header.value, "public") || has_word(header.value, "s-maxage")) return true;
    }
  }
  return false;
}

bool forbid_storing(ngx_http_request_t* r) {
  const ngx_str_t name = literal("Cache-Control");
  for (ngx_list_part_t* part = &r->headers_out.headers.part; part != nullptr; part = part->next) {
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (is_header(*element(part, i), name)) element(part, i)->hash = 0;
    }
  }
  ngx_table_elt_t* header = add_response_header(r, name, literal("no-store"));
#if (nginx_version >= 1023000)
  if (header != nullptr) r->headers_out.cache_control = header;
#endif
  return header != nullptr;
}

}  // namespace sealring::nginx
