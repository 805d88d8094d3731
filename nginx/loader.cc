// SPDX-License-Identifier: Apache-2.0
// The symbols that nginx looks up in a module's file. This is for the build with CMake; nginx's own
// configure generates such a file itself.
extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
}

#define EXPORTED __attribute__((visibility("default")))

extern "C" ngx_module_t ngx_http_encrypted_session_module;
extern "C" ngx_module_t ngx_http_sealring_session_module;
extern "C" ngx_module_t ngx_http_sealring_upstream_cookies_module;

namespace {
char tokens[] = "ngx_http_encrypted_session_module";
char sessions[] = "ngx_http_sealring_session_module";
char upstream_cookies[] = "ngx_http_sealring_upstream_cookies_module";
char userid[] = "ngx_http_userid_filter_module";
char headers[] = "ngx_http_headers_filter_module";
}  // namespace

extern "C" {
EXPORTED ngx_module_t* ngx_modules[] = {&ngx_http_encrypted_session_module,
                                        &ngx_http_sealring_session_module,
                                        &ngx_http_sealring_upstream_cookies_module, nullptr};
EXPORTED char* ngx_module_names[] = {tokens, sessions, upstream_cookies, nullptr};
// Filters run from the last to the first. Those of add_header and userid run before the others,
// which see the headers that they add, and sessions come last, so that their cookies are not sealed
// again.
EXPORTED char* ngx_module_order[] = {sessions, upstream_cookies, userid, headers, nullptr};
}
