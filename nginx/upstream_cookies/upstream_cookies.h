// SPDX-License-Identifier: Apache-2.0
// Declarations for all files of the module for the cookies of applications. It is in the same file
// as the modules for tokens and for sessions, and uses their key rings and their headers.
#pragma once

#include "../module.h"
#include "../session/session.h"
#include "sealring/cookies.h"

extern "C" ngx_module_t ngx_http_sealring_upstream_cookies_module;

namespace sealring::nginx {

// sealed_cookies: which ones.
struct CookieChoice {
  ngx_array_t* names;     // of const char*
  ngx_array_t* patterns;  // of ngx_regex_t*
  bool http_only;
  bool all;
};

// The cookies of all locations with the same settings.
struct CookiesKind {
  const CookieChoice* choice;
  const char* context;
  int32_t mode;
  int64_t accept_plain_until;
  const char* session;  // the name of the server's own session; null: none
  Sealer* sealer;
  sealring_cookies_policy* policy;
  CookiesKind* next;
};

struct CookiesConf {
  const CookieChoice* choice;  // null: absent, or off
  Setting place;               // of sealed_cookies
  ngx_str_t context;
  ngx_uint_t mode;
  Setting plain_place;  // of sealed_cookies_accept_plain_until
  int64_t accept_plain_until;
  ngx_uint_t refuse;  // a status; 0: off

  // Set when everything is merged.
  const ngx_http_conf_ctx_t* configurations;
  bool served;        // false if this level only contains others
  CookiesKind* kind;  // null: off
  CookiesConf* next;
};

struct CookiesMainConf {
  CookiesKind* kinds;
  CookiesConf* confs;
  bool warned_of_plain;
  bool warned_of_plain_ended;
  bool warned_of_http_only;
};

// What one kind made of the Cookie headers of a request or of its subrequests.
struct RewrittenCookies {
  const CookiesKind* kind;
  const Cookies* from;
  const ngx_str_t* values;
  sealring_cookies* cookies;  // null: there were no headers
  bool of_main;
  ngx_uint_t sealed;  // cookies of the response
  bool failed;        // a cookie of the response could not be sealed
};

// With a zero behind it. Null data: there is no memory.
inline ngx_str_t copy_of(ngx_http_request_t* r, const sealring_text& text) {
  auto* copy = static_cast<u_char*>(ngx_pnalloc(r->pool, text.size + 1));
  if (copy == nullptr) return {0, nullptr};
  ngx_memcpy(copy, text.data, text.size);
  copy[text.size] = '\0';
  return {text.size, copy};
}

inline CookiesConf* cookies_conf(const ngx_http_request_t* r) {
  return static_cast<CookiesConf*>(
      ngx_http_get_module_loc_conf(r, ngx_http_sealring_upstream_cookies_module));
}

inline CookiesMainConf* cookies_main_conf(ngx_conf_t* cf) {
  return static_cast<CookiesMainConf*>(
      ngx_http_conf_get_module_main_conf(cf, ngx_http_sealring_upstream_cookies_module));
}

// directives.cc
extern ngx_command_t upstream_cookies_commands[];

// configuration.cc
void* create_cookies_main_conf(ngx_conf_t* cf);
void* create_cookies_conf(ngx_conf_t* cf);
char* merge_cookies_conf(ngx_conf_t* cf, void* parent, void* child);
ngx_int_t finish_cookies_configuration(ngx_conf_t* cf);

// request.cc
ngx_int_t install_cookies_handler(ngx_conf_t* cf);
// That of the main request for the location that it is in or, where cookies are not sealed, of the
// location that it comes from; null: there is none.
RewrittenCookies* find_rewritten(const ngx_http_request_t* r);
sealring_cookies_info describe(const RewrittenCookies& rewritten);

// filter.cc
void install_cookies_filter();

// variables.cc
ngx_int_t add_cookies_variables(ngx_conf_t* cf);

}  // namespace sealring::nginx
