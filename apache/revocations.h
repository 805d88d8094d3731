// SPDX-License-Identifier: Apache-2.0
// Revocation lists: loaded with the configuration, followed by the children. What a child revokes
// is in memory that all of them share, and is sent to an agent.
#pragma once

#include <apr_proc_mutex.h>

#include "module.h"

namespace sealring::apache {

// What the processes share of a list.
struct Shared {
  void* memory;
  apr_proc_mutex_t* mutex;  // of pthreads, so that it is released if a process dies
};

// One for all directives of a configuration that name the same file.
struct List {
  const char* file;
  const char* agent_path;  // null: none
  Place place;             // of the first directive
  sealring_revocations* revocations;
  sealring_agent* agent;  // its socket is shared; what it remembers is not
  const Shared* shared;
  // Each process has its own.
  volatile apr_uint32_t looked_at;
  volatile apr_uint32_t warned_of_stale;
  int64_t alerted_at;
};

// One process and thread at a time, for what the C interface demands that of.
class Turn {
 public:
  explicit Turn(const List& list) : mutex_(list.shared->mutex) { apr_proc_mutex_lock(mutex_); }
  ~Turn() { apr_proc_mutex_unlock(mutex_); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  apr_proc_mutex_t* mutex_;
};

// revocations.cc
List* find_list(const char* file);  // null: none
sealring_status load_list(const DirConf& conf, apr_pool_t* pool, sealring_error* error);
bool share_lists(const server_rec* main);
void warn_of_unreadable_lists(apr_pool_t* pool);
void log_if_stale(List* list, int64_t now, request_rec* r);

// revoking.cc
// Revokes in all processes at once the session that was ended, or that another one has replaced,
// and tells the agent.
void revoke_former(request_rec* r, const DirConf& conf, const sealring_session* session,
                   sealring_sealer* sealer, int64_t now);
void register_agent_hooks();

}  // namespace sealring::apache
