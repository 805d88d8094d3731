// SPDX-License-Identifier: Apache-2.0
// Browsers drop a cookie of more than 4,096 bytes without a word, and the visitor is signed out.
// The headers are looked at when the answer is out: mod_session_cookie knows name and attributes,
// and a session in a database has no such cookie.
#include <apr_atomic.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

constexpr size_t kMaxCookie = SEALRING_COOKIE_SIZE;
constexpr size_t kMaybeTooLarge = kMaxCookie / 2;  // name and attributes are shorter than that

struct Cookie {
  const char* token;
  size_t size;  // of the header's value that has the token in it; 0: there is none
};

int find_token(void* data, const char*, const char* value) {
  auto* cookie = static_cast<Cookie*>(data);
  if (strstr(value, cookie->token) == nullptr) return 1;
  cookie->size = strlen(value);
  return 0;
}

// httpd has put err_headers_out into headers_out by now.
size_t size_of_cookie(const request_rec* r, const char* token) {
  Cookie cookie = {token, 0};
  apr_table_do(find_token, &cookie, r->headers_out, "Set-Cookie", nullptr);
  return cookie.size;
}

// Once in a process for each ring.
void warn_of(const request_rec* r, size_t size) {
  const DirConf& conf = dir_conf(r->per_dir_config);
  Keys keys = {};
  keys.ring_file = conf.ring_file;
  const Ring* ring = find_ring(keys);
  if (ring == nullptr || apr_atomic_xchg32(ring->warned_of_size, 1) != 0) return;
  ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                "the session's cookie has %" APR_SIZE_T_FMT
                " bytes, and browsers drop one of more than %" APR_SIZE_T_FMT
                ": these visitors have no session. Keep less in it, or keep it in a database "
                "(mod_session_dbd). Said once in each process for the ring in %s:%d",
                size, kMaxCookie, conf.ring_place.file, conf.ring_place.line);
}

int look_at_cookies(request_rec* r) {
  for (; r != nullptr; r = r->next) {
    const auto* token =
        static_cast<const char*>(ap_get_module_config(r->request_config, &session_crypto_module));
    const size_t size = token != nullptr ? size_of_cookie(r, token) : 0;
    if (size > kMaxCookie) warn_of(r, size);
  }
  return DECLINED;
}

}  // namespace

void note_token(request_rec* r, const char* token, size_t size) {
  if (size <= kMaybeTooLarge) return;
  ap_set_module_config(r->request_config, &session_crypto_module, const_cast<char*>(token));
}

void register_cookie_hooks() {
  ap_hook_log_transaction(look_at_cookies, nullptr, nullptr, APR_HOOK_MIDDLE);
}

}  // namespace sealring::apache
