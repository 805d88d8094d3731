// SPDX-License-Identifier: Apache-2.0
// The session of a request: opened when it is first needed, visible in subrequests, and kept over
// internal redirects.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

// Marks our entries in a pool's list of cleanups; there is nothing to clean up. Module contexts
// would be lost in an internal redirect. Subrequests share the pool.
void session_marker(void*) {}
void cookies_marker(void*) {}

void* find_entry(const ngx_http_request_t* r, ngx_pool_cleanup_pt marker, const Kind* kind) {
  for (const ngx_pool_cleanup_t* entry = r->pool->cleanup; entry != nullptr; entry = entry->next) {
    if (entry->handler != marker) continue;
    if (kind == nullptr || static_cast<RequestSession*>(entry->data)->kind == kind) {
      return entry->data;
    }
  }
  return nullptr;
}

template <typename Entry>
Entry* add_entry(ngx_http_request_t* r, ngx_pool_cleanup_pt marker) {
  ngx_pool_cleanup_t* entry = ngx_pool_cleanup_add(r->pool, sizeof(Entry));
  if (entry == nullptr) return nullptr;
  entry->handler = marker;
  ngx_memzero(entry->data, sizeof(Entry));
  return static_cast<Entry*>(entry->data);
}

// Calls visit(header) for each Cookie header.
template <typename Visit>
void for_each_cookie_header(const ngx_http_request_t* r, Visit visit) {
  const ngx_str_t name = literal("Cookie");
  for (const ngx_list_part_t* part = &r->main->headers_in.headers.part; part != nullptr;
       part = part->next) {
    const auto* header = static_cast<const ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (is_header(header[i], name)) visit(header[i]);
    }
  }
}

Cookies* read_cookies(ngx_http_request_t* r) {
  auto* cookies = add_entry<Cookies>(r, cookies_marker);
  if (cookies == nullptr) return nullptr;
  ngx_uint_t count = 0;
  for_each_cookie_header(r, [&](const ngx_table_elt_t&) { ++count; });
  cookies->headers =
      static_cast<ngx_table_elt_t*>(ngx_palloc(r->pool, (count + 1) * sizeof(ngx_table_elt_t)));
  cookies->values =
      static_cast<sealring_text*>(ngx_palloc(r->pool, (count + 1) * sizeof(sealring_text)));
  if (cookies->headers == nullptr || cookies->values == nullptr) return nullptr;
  for_each_cookie_header(r, [&](const ngx_table_elt_t& header) {
    cookies->values[cookies->count] = {reinterpret_cast<const char*>(header.value.data),
                                       header.value.len};
    cookies->headers[cookies->count++] = header;
  });
  return cookies;
}

void log_refusal(ngx_http_request_t* r, const RequestSession& found) {
  const sealring_session_info info = describe(found);
  ngx_log_t* log = r->connection->log;
  char end[SEALRING_SESSION_END_SIZE];
  sealring_session_end_text(&info, ngx_time(), end);
  if (*end != '\0') {
    ngx_log_error(NGX_LOG_INFO, log, 0, "session: ended: %s (session %s)", end, info.id_hash);
  } else if (info.state == SEALRING_SESSION_REFUSED) {
    const bool detail = info.detail != nullptr;
    ngx_log_error(NGX_LOG_INFO, log, 0, "session: refused: %s%s%s%s%s%s",
                  sealring_status_name(info.reason), info.kid[0] != '\0' ? ", key " : "", info.kid,
                  detail ? " (" : "", detail ? info.detail : "", detail ? ")" : "");
  }
}

bool open(ngx_http_request_t* r, const SessionConf& conf, RequestSession* found) {
  const Cookies* cookies = cookies_of(r);
  void* memory = ngx_pmemalign(r->pool, sealring_session_size(), alignof(max_align_t));
  if (cookies == nullptr || memory == nullptr) return false;
  found->session = sealring_session_init(memory, found->kind->profile);
  found->sealer = ready_sealer(found->kind->ring, ngx_time(), r->connection->log);
  if (found->sealer == nullptr) return false;

  const size_t size =
      sealring_session_open_size(found->session, found->sealer, cookies->values, cookies->count);
  if (size == 0) return true;
  void* buffer = ngx_pnalloc(r->pool, size);
  if (buffer == nullptr) return false;
  const sealring_status status =
      sealring_session_open(found->session, found->sealer, ngx_time(), conf.activity != 0,
                            cookies->values, cookies->count, buffer, size);
  if (status != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "session: cannot open: %s",
                  sealring_status_name(status));
    return false;
  }
  if (!has_session(*found)) log_refusal(r, *found);
  return true;
}

bool same_name(const char* field, const u_char* variable, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    const char c = static_cast<char>(ngx_tolower(field[i]));
    const char v = static_cast<char>(ngx_tolower(variable[i]));
    if (c != v && !(v == '_' && (c == '-' || c == '.'))) return false;
  }
  return true;
}

}  // namespace

const Cookies* cookies_of(ngx_http_request_t* r) {
  const auto* cookies = static_cast<Cookies*>(find_entry(r, cookies_marker, nullptr));
  return cookies != nullptr ? cookies : read_cookies(r);
}

RequestSession* session_of(ngx_http_request_t* r) {
  const SessionConf* conf = session_conf(r);
  if (conf->kind == nullptr) return nullptr;
  auto* found = static_cast<RequestSession*>(find_entry(r, session_marker, conf->kind));
  if (found != nullptr) return found;
  found = add_entry<RequestSession>(r, session_marker);
  if (found == nullptr) return nullptr;
  found->kind = conf->kind;
  found->failed = !open(r, *conf, found);
  return found;
}

bool has_session(const RequestSession& found) {
  sealring_session_field field = SEALRING_INIT(sealring_session_field);
  return !found.failed && sealring_session_field_at(found.session, 0, &field) != 0;
}

ngx_str_t find_field(const RequestSession& found, const ngx_str_t& name) {
  sealring_session_field field = SEALRING_INIT(sealring_session_field);
  for (size_t i = 0; !found.failed && sealring_session_field_at(found.session, i, &field); ++i) {
    if (field.name.size == name.len && same_name(field.name.data, name.data, name.len)) {
      return {field.value.size, reinterpret_cast<u_char*>(const_cast<char*>(field.value.data))};
    }
  }
  return {0, nullptr};
}

sealring_session_info describe(const RequestSession& found) {
  sealring_session_info info = SEALRING_INIT(sealring_session_info);
  // On failure it is zero, which means that there is no session.
  if (found.failed ||
      sealring_session_describe(found.session, found.sealer, &info) != SEALRING_OK) {
    info = SEALRING_INIT(sealring_session_info);
  }
  return info;
}

}  // namespace sealring::nginx
