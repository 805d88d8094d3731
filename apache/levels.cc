// SPDX-License-Identifier: Apache-2.0
// The levels of a configuration: each server, and each section within its server and the sections
// around it. Which sections apply together is known only when a request comes.
#include <ap_listen.h>
#include <http_core.h>
#include <http_main.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

// mod_session's setting at this level; that of the outer one where it is not set.
bool has_sessions(const ap_conf_vector_t* vector, bool outer) {
  const module* const mod_session = ap_find_linked_module("mod_session.c");
  if (mod_session == nullptr) return false;
  const auto* conf =
      static_cast<const session_dir_conf*>(ap_get_module_config(vector, mod_session));
  return conf != nullptr && conf->enabled_set ? conf->enabled : outer;
}

void add_sections(const apr_array_header_t* sections, const Level& outer,
                  apr_array_header_t* levels) {
  if (sections == nullptr) return;
  for (int i = 0; i < sections->nelts; ++i) {
    ap_conf_vector_t* vector = element<ap_conf_vector_t*>(sections, i);
    const Level level = {outer.server, merged(outer.conf, dir_conf(vector)),
                         has_sessions(vector, outer.has_sessions)};
    push(levels, level);
    const auto* core = static_cast<const core_dir_config*>(ap_get_core_module_config(vector));
    add_sections(core->sec_file, level, levels);
    add_sections(core->sec_if, level, levels);
  }
}

bool covers(const server_addr_rec* address, const ap_listen_rec* listener) {
  const apr_sockaddr_t* bound = listener->bind_addr;
  if (address->host_port != 0 && address->host_port != bound->port) return false;
  return strncmp(address->virthost, "*", 1) == 0 ||
         strncmp(address->virthost, "_default_", 9) == 0 ||
         apr_sockaddr_equal(address->host_addr, bound) != 0;
}

bool is_covered(const ap_listen_rec* listener) {
  for (const server_rec* host = ap_server_conf->next; host != nullptr; host = host->next) {
    for (const server_addr_rec* address = host->addrs; address != nullptr;
         address = address->next) {
      if (covers(address, listener)) return true;
    }
  }
  return false;
}

}  // namespace

// The main server gets only the requests that no virtual host covers.
bool is_reachable(const server_rec* server) {
  if (server != ap_server_conf) return true;
  for (const ap_listen_rec* listener = ap_listeners; listener != nullptr;
       listener = listener->next) {
    if (!is_covered(listener)) return true;
  }
  return false;
}

const apr_array_header_t* levels_of(server_rec* main, apr_pool_t* pool) {
  apr_array_header_t* levels = apr_array_make(pool, 16, sizeof(Level));
  for (server_rec* server = main; server != nullptr; server = server->next) {
    const Level level = {server, dir_conf(server->lookup_defaults),
                         has_sessions(server->lookup_defaults, false)};
    push(levels, level);
    const auto* core =
        static_cast<const core_server_config*>(ap_get_core_module_config(server->module_config));
    const auto* core_defaults =
        static_cast<const core_dir_config*>(ap_get_core_module_config(server->lookup_defaults));
    add_sections(core->sec_dir, level, levels);
    add_sections(core->sec_url, level, levels);
    add_sections(core_defaults->sec_file, level, levels);
    add_sections(core_defaults->sec_if, level, levels);
  }
  return levels;
}

}  // namespace sealring::apache
