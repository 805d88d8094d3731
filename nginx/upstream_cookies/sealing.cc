// SPDX-License-Identifier: Apache-2.0
// The Set-Cookie headers of the response to a client: sealed, whoever has set them.
#include <string.h>

#include "upstream_cookies.h"

namespace sealring::nginx {
namespace {

struct Sealing {
  ngx_http_request_t* request;
  RewrittenCookies* rewritten;
  sealring_sealer* sealer;  // null: not prepared
  ngx_str_t path;           // of the request, for cookies without one
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
  const ngx_str_t line = header->value, path = sealing.path;
  const size_t size = sealring_cookies_seal_size(sealing.sealer, line.len, path.len);
  Room room;
  void* buffer = room.of(r, size);
  if (buffer == nullptr) return false;
  sealring_set_cookie made = SEALRING_INIT(sealring_set_cookie);
  const sealring_status status = sealring_cookies_seal(
      kind.policy, sealing.sealer, ngx_time(), text_of(line), line.len, text_of(path), path.len,
      sealing.rewritten->cookies, buffer, size, &made);
  if (status != SEALRING_OK) {
    log_failure(r, status, made.detail);
    return false;
  }
  log_fate(r, made);
  if (made.fate == SEALRING_COOKIE_SEALED) ++sealing.rewritten->sealed;
  const bool unchanged = made.count == 1 && made.lines[0].data == text_of(line);
  return unchanged || give_lines(r, made, header);
}

// Calls visit(header) until that is false.
template <typename Visit>
bool for_each_set_cookie(ngx_list_t* headers, Visit visit) {
  const ngx_str_t name = literal("Set-Cookie");
  // Not those that are added meanwhile.
  ngx_list_part_t* const last = headers->last;
  const ngx_uint_t last_count = last->nelts;
  for (ngx_list_part_t* part = &headers->part; part != nullptr; part = part->next) {
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
  return !for_each_set_cookie(&r->headers_out.headers, [&](const ngx_table_elt_t* header) {
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

// Whether a line is as the session writes it: with its name, or that and a suffix.
bool is_of_session(const ngx_str_t& line, const Kind& kind) {
  const char* name = name_of_session(kind);
  const size_t size = strlen(name);
  return line.len > size && memcmp(line.data, name, size) == 0 &&
         (line.data[size] == '=' || line.data[size] == '-');
}

// A header that was sealed before a redirect, or was not to be, is as the location wants it from
// which it comes. nginx only asks whether a hash is 0.
const u_char mark = 0;
ngx_uint_t settled() {
  return reinterpret_cast<ngx_uint_t>(&mark);
}

// Once for a response, if anything is to be sealed.
bool prepare(Sealing* sealing) {
  if (sealing->sealer != nullptr) return true;
  sealing->path = path_of(sealing->request);
  sealing->sealer =
      ready_sealer(sealing->rewritten->kind->sealer, ngx_time(), sealing->request->connection->log);
  return sealing->sealer != nullptr;
}

bool seal_headers(Sealing* sealing) {
  return for_each_set_cookie(&sealing->request->headers_out.headers, [&](ngx_table_elt_t* header) {
    return header->hash == settled() || (prepare(sealing) && seal_header(*sealing, header));
  });
}

// What the main request's cookies became, or the same without any: an answer may come before the
// rewrite phase of a location.
RewrittenCookies* rewritten_of_main(ngx_http_request_t* r, RequestCookies* all,
                                    const CookiesKind* kind) {
  for (RewrittenCookies* made = all->rewritten; made != nullptr; made = made->next) {
    if (made->of_main && made->kind == kind) return made;
  }
  auto* made = static_cast<RewrittenCookies*>(ngx_pcalloc(r->pool, sizeof(RewrittenCookies)));
  if (made != nullptr) made->kind = kind;
  return made;
}

}  // namespace

bool seal_response(ngx_http_request_t* r, RequestCookies* all, const CookiesKind* kind) {
  Sealing sealing = {r, rewritten_of_main(r, all, kind), nullptr, {}};
  if (sealing.rewritten == nullptr || !seal_headers(&sealing)) return false;
  all->shown = sealing.rewritten;
  const sealring_cookies* cookies = sealing.rewritten->cookies;
  if (cookies != nullptr && describe(*sealing.rewritten).due != 0 && !may_be_shared(r) &&
      prepare(&sealing)) {
    renew(sealing);
  }
  return true;
}

bool seal_before_redirect(ngx_http_request_t* r, RequestCookies* all) {
  if (all->kind == nullptr) return true;
  Sealing sealing = {r, rewritten_of_main(r, all, all->kind), nullptr, {}};
  if (sealing.rewritten == nullptr || !seal_headers(&sealing)) {
    remove_set_cookies(&r->headers_out.headers);
    return false;
  }
  settle(r);
  return true;
}

void settle(ngx_http_request_t* r) {
  for_each_set_cookie(&r->headers_out.headers, [](ngx_table_elt_t* header) {
    header->hash = settled();
    return true;
  });
}

bool remove_set_cookies(ngx_list_t* headers, const Kind* kept) {
  bool any = false;
  for_each_set_cookie(headers, [&](ngx_table_elt_t* header) {
    if (kept != nullptr && is_of_session(header->value, *kept)) return true;
    header->hash = 0;
    return any = true;
  });
  return any;
}

}  // namespace sealring::nginx
