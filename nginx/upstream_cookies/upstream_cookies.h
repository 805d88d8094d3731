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
  const ngx_array_t* sessions;  // of const char*: the names of all sessions of the server
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
  RewrittenCookies* next;
};

// A request, or a subrequest, that was refused: what is served now is the page that says so.
struct Refusal {
  const ngx_http_request_t* request;
  Refusal* next;
};

// What a main request and its subrequests have in common, over all locations that they come to.
struct RequestCookies {
  RewrittenCookies* rewritten;  // the last one first
  Refusal* refusals;
  bool has_location;        // the main request has come to one
  const CookiesKind* kind;  // of this; null: off
  RewrittenCookies* shown;  // by variables; null: nothing was sealed or opened so far
  bool failed;              // a cookie of the response could not be sealed
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
// sealed_cookies is in effect, and what it needs is not: says so in the log.
void log_incomplete(const ngx_http_request_t* r);

// rewriting.cc
// Null: no location was met yet where cookies are sealed.
RequestCookies* request_cookies(const ngx_http_request_t* r);
// Null: there is no memory.
RequestCookies* make_request_cookies(ngx_http_request_t* r);
// The Cookie headers of a request for a location of this kind. This is done once for a main request
// and its subrequests. Null: it failed, and this was logged.
RewrittenCookies* rewritten_for(ngx_http_request_t* r, RequestCookies* all, const CookiesKind* kind,
                                const Cookies* from, bool* is_new);
// The headers as the client sent them, whatever this module and sessions have made of them. Null:
// there is no memory.
const Cookies* cookies_as_sent(ngx_http_request_t* r, const RequestCookies* all);
sealring_cookies_info describe(const RewrittenCookies& rewritten);

// sealing.cc
// The cookies that the response has so far. False: they must not be sent.
bool seal_response(ngx_http_request_t* r, RequestCookies* all, const CookiesKind* kind);
// The same, before the request is redirected to a location of another kind.
bool seal_before_redirect(ngx_http_request_t* r, RequestCookies* all);
// What the response has so far stays as it is.
void settle(ngx_http_request_t* r);
// Takes away each Set-Cookie header; false: there was none. Those of the session `kept` stay; null:
// there is no such session.
bool remove_set_cookies(ngx_list_t* headers, const Kind* kept = nullptr);

// filter.cc
void install_cookies_filters();

// variables.cc
ngx_int_t add_cookies_variables(ngx_conf_t* cf);

}  // namespace sealring::nginx
