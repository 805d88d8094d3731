// SPDX-License-Identifier: Apache-2.0
// The tables of the module for the cookies of applications, for nginx.
#include "upstream_cookies.h"

namespace {

using namespace sealring::nginx;

ngx_int_t finish(ngx_conf_t* cf) {
  if (finish_cookies_configuration(cf) != NGX_OK) return NGX_ERROR;
  if (cookies_main_conf(cf)->kinds == nullptr) return NGX_OK;
  install_cookies_filters();
  return install_cookies_handler(cf);
}

ngx_http_module_t context = {
    add_cookies_variables,     // preconfiguration
    finish,                    // postconfiguration
    create_cookies_main_conf,  // create main configuration
    nullptr,                   // init main configuration
    nullptr,                   // create server configuration
    nullptr,                   // merge server configuration
    create_cookies_conf,       // create location configuration
    merge_cookies_conf,        // merge location configuration
};

}  // namespace

ngx_module_t ngx_http_sealring_upstream_cookies_module = {
    NGX_MODULE_V1,
    &context,
    upstream_cookies_commands,
    NGX_HTTP_MODULE,
    nullptr,  // init master
    nullptr,  // init module: the module for tokens checks the key rings
    nullptr,  // init process: and makes their sealers
    nullptr,  // init thread
    nullptr,  // exit thread
    nullptr,  // exit process
    nullptr,  // exit master
    NGX_MODULE_V1_PADDING,
};
