// SPDX-License-Identifier: Apache-2.0
// The module's tables for nginx.
#include <unistd.h>

#include "module.h"
#include "revocations.h"

namespace {

using namespace sealring::nginx;

constexpr ngx_uint_t kEverywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_SIF_CONF |
                                   NGX_HTTP_LOC_CONF | NGX_HTTP_LIF_CONF;

// For rows that no configuration can use. Lua's ndk.set_var searches all modules for a command with
// the given name and with the NDK's function.
constexpr ngx_uint_t kOnlyForLua = 0;

ngx_command_t commands[] = {
    {literal("encrypted_session_key"), kEverywhere | NGX_CONF_TAKE1, set_key,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, key), nullptr},
    {literal("encrypted_session_iv"), kEverywhere | NGX_CONF_TAKE1, set_iv,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, iv), nullptr},
    {literal("encrypted_session_expires"), kEverywhere | NGX_CONF_TAKE1, set_expires,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {literal("encrypted_session_keyring"), kEverywhere | NGX_CONF_TAKE1, set_file,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, keyring), nullptr},
    {literal("encrypted_session_context"), kEverywhere | NGX_CONF_TAKE1, set_context,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, context), nullptr},
    {literal("encrypted_session_legacy_until"), kEverywhere | NGX_CONF_TAKE1, set_legacy_until,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, legacy_until), nullptr},
    {literal("encrypted_session_revocations"), kEverywhere | NGX_CONF_TAKE1, set_file,
     NGX_HTTP_LOC_CONF_OFFSET, offsetof(LocationConf, revocations), nullptr},
    {literal("set_encrypt_session"), kEverywhere | NGX_CONF_TAKE12, set_encrypt_session,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {literal("set_decrypt_session"), kEverywhere | NGX_CONF_TAKE12, set_decrypt_session,
     NGX_HTTP_LOC_CONF_OFFSET, 0, nullptr},
    {literal("set_encrypt_session"), kOnlyForLua, ndk_set_var_value, 0, 0, &encrypt_filter},
    {literal("set_decrypt_session"), kOnlyForLua, ndk_set_var_value, 0, 0, &decrypt_filter},
    ngx_null_command};

ngx_http_module_t context = {
    add_variables,         // preconfiguration
    finish_configuration,  // postconfiguration
    create_main_conf,      // create main configuration
    nullptr,               // init main configuration
    nullptr,               // create server configuration
    nullptr,               // merge server configuration
    create_location_conf,  // create location configuration
    merge_location_conf,   // merge location configuration
};

ngx_int_t finish_cycle(ngx_cycle_t* cycle) {
  const MainConf* main = main_conf(cycle);
  if (main != nullptr) take_over_cookies(cycle, main->cookies);
  const auto* core =
      reinterpret_cast<ngx_core_conf_t*>(ngx_get_conf(cycle->conf_ctx, ngx_core_module));
  if (main == nullptr || geteuid() != 0 || !core->master) return NGX_OK;
  warn_of_unreadable_rings(cycle, main->rings, *core);
  warn_of_unreadable_lists(cycle, main->lists, *core);
  return NGX_OK;
}

// Makes the sealers before the first request needs them. A failure is logged, and each request
// tries again: ending the worker here would stop every site that it serves.
ngx_int_t start_worker(ngx_cycle_t* cycle) {
  const MainConf* main = main_conf(cycle);
  const bool serves = ngx_process == NGX_PROCESS_WORKER || ngx_process == NGX_PROCESS_SINGLE;
  if (main == nullptr || !serves) return NGX_OK;
  for (Sealer* sealer = main->sealers; sealer != nullptr; sealer = sealer->next) {
    ready_sealer(sealer, ngx_time(), cycle->log);
  }
  start_agents(cycle, main->lists);
  return NGX_OK;
}

}  // namespace

ngx_module_t ngx_http_encrypted_session_module = {
    NGX_MODULE_V1,
    &context,
    commands,
    NGX_HTTP_MODULE,
    nullptr,       // init master
    finish_cycle,  // init module
    start_worker,  // init process
    nullptr,       // init thread
    nullptr,       // exit thread
    nullptr,       // exit process: the cycle's pool frees the sealers
    nullptr,       // exit master
    NGX_MODULE_V1_PADDING,
};
