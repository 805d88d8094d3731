// SPDX-License-Identifier: Apache-2.0
// The session of a request: opened when it is first needed, visible in subrequests, and kept over
// internal redirects.
#include <memory>

#include "session.h"

namespace sealring::nginx {

void session_marker(void*) {}

namespace {

RequestSession* find_session(const ngx_http_request_t* r, const Kind* kind) {
  RequestSession* found = nullptr;
  for_each_session(r, [&](RequestSession* session) {
    if (session->kind == kind) found = session;
  });
  return found;
}

bool open(ngx_http_request_t* r, const SessionConf& conf, RequestSession* found) {
  Cookies* cookies = cookies_of(r);
  found->session = new_session(r, found->kind);
  if (cookies == nullptr || found->session == nullptr ||
      read_session_cookies(r, cookies, found->kind, found->session) == nullptr) {
    return false;
  }
  found->sealer = ready_sealer(found->kind->sealer, ngx_time(), r->connection->log);
  if (found->sealer == nullptr) return false;

  const size_t size = sealring_session_open_size(found->session, found->sealer);
  if (size == 0) return true;
  void* buffer = ngx_pnalloc(r->pool, size);
  if (buffer == nullptr) return false;
  const sealring_status status = sealring_session_open(found->session, found->sealer, ngx_time(),
                                                       conf.activity != 0, buffer, size);
  if (status != SEALRING_OK) {
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0, "session: cannot open: %s",
                  sealring_status_name(status));
    return false;
  }
  if (!has_session(*found)) log_refusal(r, *found);
  return true;
}

// `loose`: `_` also stands for `-` and `.`.
bool same_name(const char* field, const u_char* name, size_t size, bool loose) {
  for (size_t i = 0; i < size; ++i) {
    const char c = static_cast<char>(ngx_tolower(field[i]));
    const char n = static_cast<char>(ngx_tolower(name[i]));
    if (c != n && !(loose && n == '_' && (c == '-' || c == '.'))) return false;
  }
  return true;
}

ngx_str_t find(const RequestSession& found, const ngx_str_t& name, bool loose) {
  sealring_session_field field = SEALRING_INIT(sealring_session_field);
  for (size_t i = 0; !found.failed && sealring_session_field_at(found.session, i, &field); ++i) {
    if (field.name.size == name.len && same_name(field.name.data, name.data, name.len, loose)) {
      return {field.value.size, reinterpret_cast<u_char*>(const_cast<char*>(field.value.data))};
    }
  }
  return {0, nullptr};
}

}  // namespace

sealring_session* new_session(ngx_http_request_t* r, const Kind* kind) {
  size_t room = sealring_session_size() + alignof(max_align_t) - 1;
  void* memory = ngx_palloc(r->pool, room);  // ngx_pmemalign does not use the pool's blocks
  if (memory == nullptr) return nullptr;
  std::align(alignof(max_align_t), sealring_session_size(), memory, room);
  return sealring_session_init(memory, kind->profile);
}

RequestSession* session_of(ngx_http_request_t* r) {
  const SessionConf* conf = session_conf(r);
  if (conf->kind == nullptr) return nullptr;
  RequestSession* found = find_session(r, conf->kind);
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
  return find(found, name, false);
}

ngx_str_t find_field_of_variable(const RequestSession& found, const ngx_str_t& name) {
  const ngx_str_t exact = find(found, name, false);
  return exact.data != nullptr ? exact : find(found, name, true);
}

sealring_session_info describe(const RequestSession& found) {
  sealring_session_info info = SEALRING_INIT(sealring_session_info);
  // On failure it is zero, which means that there is no session.
  if (found.failed || sealring_session_describe(found.session, &info) != SEALRING_OK) {
    info = SEALRING_INIT(sealring_session_info);
  }
  return info;
}

IdHash id_hash_of(const RequestSession& found) {
  IdHash hash;
  if (found.failed ||
      sealring_session_id_hash(found.session, found.sealer, hash.text) != SEALRING_OK) {
    *hash.text = '\0';
  }
  return hash;
}

void log_refusal(ngx_http_request_t* r, const RequestSession& found) {
  const sealring_session_info info = describe(found);
  const IdHash hash = id_hash_of(found);
  ngx_log_t* log = r->connection->log;
  char end[SEALRING_SESSION_END_SIZE];
  sealring_session_end_text(&info, ngx_time(), end);
  if (*end != '\0') {
    ngx_log_error(NGX_LOG_INFO, log, 0, "session: ended: %s (session %s)", end, hash.text);
  } else if (info.state == SEALRING_SESSION_REFUSED) {
    // What is wrong with it, or of a session that was revoked, which one it is.
    const char* about = info.detail != nullptr ? "" : "session ";
    const char* known = info.detail != nullptr ? info.detail : hash.text;
    const bool any = *known != '\0';
    ngx_log_error(NGX_LOG_INFO, log, 0, "session: refused: %s%s%s%s%s%s%s",
                  sealring_status_name(info.reason), info.kid[0] != '\0' ? ", key " : "", info.kid,
                  any ? " (" : "", any ? about : "", known, any ? ")" : "");
  }
}

}  // namespace sealring::nginx
