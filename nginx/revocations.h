// SPDX-License-Identifier: Apache-2.0
// Revocation lists: loaded with the configuration, followed by the workers. What a worker revokes
// is in memory that all of them share, and is sent to an agent.
#pragma once

#include "module.h"
#include "sealring/session.h"

namespace sealring::nginx {

// One for all directives of a configuration that name the same file.
struct RevocationList {
  ngx_str_t path;
  ngx_str_t agent_path;  // ends with a NUL; null data: none
  Setting agent_place;   // where that was said first
  sealring_revocations* revocations;
  ngx_shm_zone_t* zone;
  sealring_agent* agent;  // made in the worker
  size_t next_to_send;    // a position in what is sent again
  time_t looked_at;       // by this worker, whether it is stale
  bool warned_of_stale;
  time_t alerted_at;
  RevocationList* next;
};

// revocations.cc
RevocationList* list_for(ngx_conf_t* cf, const char* directive, const Setting& file);
bool set_agent(ngx_conf_t* cf, RevocationList* list, const Setting& place, const ngx_str_t& path);
void warn_of_unreadable_lists(ngx_cycle_t* cycle, const RevocationList* first,
                              const ngx_core_conf_t& core);
void log_if_stale(RevocationList* list, ngx_log_t* log);

// revoking.cc
void start_agents(ngx_cycle_t* cycle, RevocationList* first);
// Revokes in all processes at once, and tells the agent.
void revoke(RevocationList* list, const sealring_revocation& revocation, ngx_log_t* log);

}  // namespace sealring::nginx
