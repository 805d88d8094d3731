// SPDX-License-Identifier: Apache-2.0
// What nginx looks up in a module's file. nginx's own configure writes this file itself; it is for
// the build with CMake.
extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
}

#define EXPORTED __attribute__((visibility("default")))

extern "C" ngx_module_t ngx_http_encrypted_session_module;

namespace {
char name[] = "ngx_http_encrypted_session_module";
}

extern "C" {
EXPORTED ngx_module_t* ngx_modules[] = {&ngx_http_encrypted_session_module, nullptr};
EXPORTED char* ngx_module_names[] = {name, nullptr};
EXPORTED char* ngx_module_order[] = {nullptr};
}
