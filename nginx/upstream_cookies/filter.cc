// SPDX-License-Identifier: Apache-2.0
// The Set-Cookie headers of the response to a client: sealed, whoever has set them.
#include <string.h>

#include "upstream_cookies.h"

namespace sealring::nginx {
namespace {

ngx_http_output_header_filter_pt next_filter;

struct Sealing {
  ngx_http_request_t* request;
  RewrittenCookies* rewritten;
  sealring_sealer* sealer;
};

// For a line's cookies; longer ones are in the request's pool.
struct Room {
  u_char bytes[4096];

  void* of(ngx_http_request_t* r, size_t size) {
    return size <= sizeof(bytes) ? bytes : ngx_pnalloc(r->pool, size);
  }
};

void log_failure(ngx_http_request_t* r, sealring_status status, const char* detail) {
  ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "sealed_cookies: cannot seal: %s%s%s%s",
                sealring_status_name(status), detail != nullptr ? " (" : "",
                detail != nullptr ? detail : "", detail != nullptr ? ")" : "");
}

void log_fate(ngx_http_request_t* r, const sealring_set_cookie& made) {
  if (made.fate == SEALRING_COOKIE_REPORTED) {
    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0, "sealed_cookies: would seal \"%*s\"",
                  made.name.size, made.name.data);
  } else if (made.fate == SEALRING_COOKIE_TOO_LARGE && made.count != 0) {
    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "sealed_cookies: \"%*s\" is too large to be sealed, and is passed as it is; with "
                  "\"sealed_cookies_mode enforce\" it is removed",
                  made.name.size, made.name.data);
  } else if (made.fate == SEALRING_COOKIE_TOO_LARGE) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "sealed_cookies: \"%*s\" is too large to be sealed, and is removed from the "
                  "answer; the application must set less than %d bytes",
                  made.name.size, made.name.data, 2 * SEALRING_COOKIE_SIZE);
  }
}

// Writes the lines: the first into `header`, if that is not null, and all others behind.
bool give_lines(ngx_http_request_t* r, const sealring_set_cookie& made, ngx_table_elt_t* header) {
  for (size_t i = 0; i < made.count; ++i) {
    const ngx_str_t line = copy_of(r, made.lines[i]);
    if (line.data == nullptr) return false;
    if (i == 0 && header != nullptr) {
      header->value = line;
    } else if (add_response_header(r, literal("Set-Cookie"), line) == nullptr) {
      return false;
    }
  }
  if (made.count == 0 && header != nullptr) header->hash = 0;
  return true;
}

ngx_str_t path_of(const ngx_http_request_t* r) {
  ngx_str_t path = r->unparsed_uri;
  if (const void* query = memchr(path.data, '?', path.len)) {
    path.len = static_cast<size_t>(static_cast<const u_char*>(query) - path.data);
  }
  return path;
}

// False: the header must not be sent as it is.
bool seal_header(const Sealing& sealing, ngx_table_elt_t* header) {
  ngx_http_request_t* r = sealing.request;
  const CookiesKind& kind = *sealing.rewritten->kind;
  const ngx_str_t line = header->value, path = path_of(r);
  const size_t size = sealring_cookies_seal_size(sealing.sealer, line.len, path.len);
  Room room;
  void* buffer = room.of(r, size);
  if (buffer == nullptr) return false;
  sealring_set_cookie made = SEALRING_INIT(sealring_set_cookie);
  const sealring_status status = sealring_cookies_seal(
      kind.policy, sealing.sealer, ngx_time(), reinterpret_cast<const char*>(line.data), line.len,
      reinterpret_cast<const char*>(path.data), path.len, sealing.rewritten->cookies, buffer, size,
      &made);
  if (status != SEALRING_OK) {
    log_failure(r, status, made.detail);
    return false;
  }
  log_fate(r, made);
  if (made.fate == SEALRING_COOKIE_SEALED) ++sealing.rewritten->sealed;
  const bool unchanged =
      made.count == 1 && made.lines[0].data == reinterpret_cast<const char*>(line.data);
  return unchanged || give_lines(r, made, header);
}

template <typename Visit>
bool for_each_set_cookie(ngx_http_request_t* r, Visit visit) {
  const ngx_str_t name = literal("Set-Cookie");
  // Not those that are added meanwhile.
  ngx_list_part_t* const last = r->headers_out.headers.last;
  const ngx_uint_t last_count = last->nelts;
  for (ngx_list_part_t* part = &r->headers_out.headers.part; part != nullptr; part = part->next) {
    auto* header = static_cast<ngx_table_elt_t*>(part->elts);
    const ngx_uint_t count = part == last ? last_count : part->nelts;
    for (ngx_uint_t i = 0; i < count; ++i) {
      if (is_header(header[i], name) && !visit(&header[i])) return false;
    }
    if (part == last) break;
  }
  return true;
}

// Whether the response sets a cookie of this name, sealed or not.
bool sets(ngx_http_request_t* r, const sealring_text& name) {
  return !for_each_set_cookie(r, [&](const ngx_table_elt_t* header) {
    const u_char* begin = header->value.data;
    const u_char* const end = begin + header->value.len;
    while (begin < end && (*begin == ' ' || *begin == '\t')) ++begin;
    if (static_cast<size_t>(end - begin) < name.size || memcmp(begin, name.data, name.size) != 0) {
      return true;
    }
    begin += name.size;
    while (begin < end && (*begin == ' ' || *begin == '\t')) ++begin;
    return begin == end || *begin != '=';
  });
}

// A failure is logged, and leaves the client the cookie that it has.
void renew(const Sealing& sealing) {
  ngx_http_request_t* r = sealing.request;
  sealring_text name;
  for (size_t i = 0; sealring_cookies_due_at(sealing.rewritten->cookies, i, &name) != 0; ++i) {
    if (sets(r, name)) continue;
    const size_t size = sealring_cookies_renew_size(sealing.rewritten->cookies, sealing.sealer, i);
    Room room;
    void* buffer = room.of(r, size);
    if (buffer == nullptr) return;
    sealring_set_cookie made = SEALRING_INIT(sealring_set_cookie);
    const sealring_status status = sealring_cookies_renew(
        sealing.rewritten->cookies, sealing.sealer, ngx_time(), i, buffer, size, &made);
    if (status != SEALRING_OK) {
      log_failure(r, status, made.detail);
    } else if (!give_lines(r, made, nullptr)) {
      return;
    }
  }
}

bool seal_response(ngx_http_request_t* r, RewrittenCookies* rewritten) {
  Sealing sealing = {r, rewritten, nullptr};
  const auto ready = [&] {
    if (sealing.sealer == nullptr) {
      sealing.sealer = ready_sealer(rewritten->kind->sealer, ngx_time(), r->connection->log);
    }
    return sealing.sealer != nullptr;
  };
  const bool sealed = for_each_set_cookie(
      r, [&](ngx_table_elt_t* header) { return ready() && seal_header(sealing, header); });
  if (!sealed) return false;
  if (rewritten->cookies != nullptr && describe(*rewritten).due != 0 && !may_be_shared(r) &&
      ready()) {
    renew(sealing);
  }
  return true;
}

// The cookies of a request that was sealed in one location stay sealed where it is redirected to.
ngx_int_t filter(ngx_http_request_t* r) {
  RewrittenCookies* rewritten = r == r->main ? find_rewritten(r) : nullptr;
  if (rewritten == nullptr) return next_filter(r);
  if (rewritten->failed) {  // this is the answer that says so, perhaps with a cookie of add_header
    for_each_set_cookie(r, [](ngx_table_elt_t* header) {
      header->hash = 0;
      return true;
    });
    return next_filter(r);
  }
  if (seal_response(r, rewritten)) return next_filter(r);
  rewritten->failed = true;
  return ngx_http_filter_finalize_request(r, &ngx_http_sealring_upstream_cookies_module,
                                          NGX_HTTP_INTERNAL_SERVER_ERROR);
}

}  // namespace

void install_cookies_filter() {
  next_filter = ngx_http_top_header_filter;
  ngx_http_top_header_filter = filter;
}

}  // namespace sealring::nginx
