// SPDX-License-Identifier: Apache-2.0
// Warnings about sessions when the configuration is loaded.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

const Setting& place_of_cookie(const SessionConf& conf) {
  return conf.cookie_place.named ? conf.cookie_place : conf.place;
}

template <typename Conf>
const Conf* conf_of(void** confs, const ngx_module_t& module) {
  return static_cast<const Conf*>(confs[module.ctx_index]);
}

// A Cookie header must fit into one buffer.
void warn_of_header_buffers(ngx_conf_t* cf, const SessionConf& conf) {
  const size_t parts = conf.cookie.parts != 0 ? conf.cookie.parts : 2;
  const auto* server =
      conf_of<ngx_http_core_srv_conf_t>(conf.configurations->srv_conf, ngx_http_core_module);
  const size_t needed = parts * SEALRING_COOKIE_SIZE;
  if (needed <= server->large_client_header_buffers.size) return;
  complain(
      NGX_LOG_WARN, cf, place_of_cookie(conf),
      "session_cookie: %uz cookies of %d bytes do not fit into one buffer of %uz bytes, so "
      "clients with large sessions get 400; add \"large_client_header_buffers 4 %uzk;\" to the "
      "server",
      parts, SEALRING_COOKIE_SIZE, server->large_client_header_buffers.size, needed / 1024 + 4);
}

void warn_of_cookie(ngx_conf_t* cf, const SessionConf& conf) {
  const char* same_site = conf.cookie.same_site;
  if (conf.cookie.insecure != 0 && same_site != nullptr && strcmp(same_site, "none") == 0) {
    complain(NGX_LOG_WARN, cf, conf.cookie_place,
             "session_cookie: browsers refuse a cookie with samesite=none and insecure; remove one "
             "of them");
  }
}

bool has_tls(const ngx_http_conf_addr_t& address) {
#if (NGX_HTTP_V3)
  if (address.opt.quic) return true;
#endif
#if (NGX_HTTP_SSL)
  return address.opt.ssl;
#else
  return false;
#endif
}

template <typename Visit>
void for_each_address(ngx_conf_t* cf, Visit visit) {
  const auto* core = static_cast<ngx_http_core_main_conf_t*>(
      ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module));
  if (core->ports == nullptr) return;
  const auto* ports = static_cast<const ngx_http_conf_port_t*>(core->ports->elts);
  for (ngx_uint_t p = 0; p < core->ports->nelts; ++p) {
    const auto* addresses = static_cast<const ngx_http_conf_addr_t*>(ports[p].addrs.elts);
    for (ngx_uint_t a = 0; a < ports[p].addrs.nelts; ++a) visit(addresses[a]);
  }
}

bool serves(const ngx_http_conf_addr_t& address, const void* const* server) {
  const auto* servers = static_cast<ngx_http_core_srv_conf_t* const*>(address.servers.elts);
  for (ngx_uint_t i = 0; i < address.servers.nelts; ++i) {
    if (servers[i] == server[ngx_http_core_module.ctx_index]) return true;
  }
  return false;
}

bool has_tls(ngx_conf_t* cf, const SessionConf& conf) {
  bool found = false;
  for_each_address(cf, [&](const ngx_http_conf_addr_t& address) {
    found = found || (has_tls(address) && serves(address, conf.configurations->srv_conf));
  });
  return found;
}

}  // namespace

void warn_of_kind(ngx_conf_t* cf, const SessionConf& conf) {
  warn_of_header_buffers(cf, conf);
  warn_of_cookie(cf, conf);
}

// The rewrite module's steps of this location; a `return` as the first of them answers before the
// access phase. The module's structure is private, and begins with this.
void warn_of_return(ngx_conf_t* cf, const SessionConf& conf) {
  if (conf.requirements == nullptr || conf.requirements->nelts == 0) return;
  const auto* rewrite =
      conf_of<ndk_http_rewrite_loc_conf_t>(conf.configurations->loc_conf, ngx_http_rewrite_module);
  if (rewrite->codes == nullptr || rewrite->codes->nelts < sizeof(ngx_http_script_code_pt)) return;
  const auto first = *static_cast<ngx_http_script_code_pt*>(rewrite->codes->elts);
  if (first != ngx_http_script_return_code) return;
  const auto* core =
      conf_of<ngx_http_core_loc_conf_t>(conf.configurations->loc_conf, ngx_http_core_module);
  if (core->name.len == 0 || core->noname != 0) return;
  complain(NGX_LOG_WARN, cf, conf.require_place,
           "session_require: location \"%V\" answers with \"return\", which nginx runs before any "
           "check of access, so everybody gets that answer; serve a file or use proxy_pass, or add "
           "\"session_require off;\" to the location",
           &core->name);
}

// One note for all servers: behind a proxy that terminates TLS this is as it should be.
void note_sessions_without_tls(ngx_conf_t* cf) {
  for (const SessionConf* conf = session_main_conf(cf)->confs; conf != nullptr; conf = conf->next) {
    if (conf->kind == nullptr || conf->cookie.insecure != 0 || has_tls(cf, *conf)) continue;
    complain(NGX_LOG_NOTICE, cf, place_of_cookie(*conf),
             "session: the server has no TLS, and browsers send the cookie, which is Secure, over "
             "TLS only. That is right behind a proxy that has it; else add \"listen 443 ssl;\" to "
             "the server");
    return;
  }
}

}  // namespace sealring::nginx
