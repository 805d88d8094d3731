// SPDX-License-Identifier: Apache-2.0
// The tables of the module for sessions, for nginx.
#include "session.h"

namespace {

using namespace sealring::nginx;

ngx_int_t finish(ngx_conf_t* cf) {
  if (finish_session_configuration(cf) != NGX_OK) return NGX_ERROR;
  if (!uses_sessions(cf)) return NGX_OK;
  if (install_session_handlers(cf) != NGX_OK) return NGX_ERROR;
  install_session_filter();
  return NGX_OK;
}

ngx_http_module_t context = {
    add_session_variables,       // preconfiguration
    finish,                      // postconfiguration
    create_session_main_conf,    // create main configuration
    nullptr,                     // init main configuration
    create_session_server_conf,  // create server configuration
    nullptr,                     // merge server configuration
    create_session_conf,         // create location configuration
    merge_session_conf,          // merge location configuration
};

}  // namespace

ngx_module_t ngx_http_sealring_session_module = {
    NGX_MODULE_V1,
    &context,
    session_commands,
    NGX_HTTP_MODULE,
    nullptr,           // init master
    nullptr,           // init module: the module for tokens checks the key rings
    nullptr,           // init process: and makes their sealers
    nullptr,           // init thread
    nullptr,           // exit thread
    revoke_all_prior,  // exit process
    nullptr,           // exit master
    NGX_MODULE_V1_PADDING,
};
