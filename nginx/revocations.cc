// SPDX-License-Identifier: Apache-2.0
// The revocation lists of a cycle, loaded while the configuration is read, and the memory that
// processes share: a zone of nginx for each list, which is kept over reloads.
#include "revocations.h"

#include <string.h>

namespace sealring::nginx {
namespace {

constexpr size_t kMemorySize = size_t{2} << 20;
// What nginx itself keeps in a zone.
constexpr size_t kZoneSize = kMemorySize + (size_t{64} << 10);

bool equal(const ngx_str_t& a, const ngx_str_t& b) {
  return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

void free_list(void* data) {
  auto* list = static_cast<RevocationList*>(data);
  sealring_agent_free(list->agent);
  sealring_revocations_free(list->revocations);
}

// Called in the master, before it starts workers. `before` is the list of the cycle before, if that
// has one with this file.
ngx_int_t share(ngx_shm_zone_t* zone, void* before) {
  auto* list = static_cast<RevocationList*>(zone->data);
  auto* pool = reinterpret_cast<ngx_slab_pool_t*>(zone->shm.addr);
  if (before == nullptr) pool->data = ngx_slab_alloc(pool, kMemorySize);
  if (pool->data == nullptr) return NGX_ERROR;
  return sealring_revocations_share(list->revocations, pool->data, kMemorySize) == SEALRING_OK
             ? NGX_OK
             : NGX_ERROR;
}

bool add_zone(ngx_conf_t* cf, RevocationList* list) {
  // The number is that of the memory's layout (src/revocation/pending.cc): old workers keep their
  // own.
  constexpr char kPrefix[] = "sealring:2:";
  ngx_str_t name;
  name.len = sizeof(kPrefix) - 1 + list->path.len;
  name.data = static_cast<u_char*>(ngx_pnalloc(cf->pool, name.len));
  if (name.data == nullptr) return false;
  ngx_memcpy(ngx_cpymem(name.data, kPrefix, sizeof(kPrefix) - 1), list->path.data, list->path.len);
  // The tag is a module of nginx's own, so that a reload with another version of this file keeps
  // the memory.
  list->zone = ngx_shared_memory_add(cf, &name, kZoneSize, &ngx_http_module);
  if (list->zone == nullptr) return false;
  list->zone->init = share;
  list->zone->data = list;
  return true;
}

RevocationList* load(ngx_conf_t* cf, const char* directive, const Setting& file) {
  auto* list = static_cast<RevocationList*>(ngx_pcalloc(cf->pool, sizeof(RevocationList)));
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, 0);
  if (list == nullptr || cleanup == nullptr) return nullptr;
  list->path = file.value;
  sealring_error error = SEALRING_INIT(sealring_error);
  if (sealring_revocations_load(text_of(list->path), &list->revocations, &error) != SEALRING_OK) {
    complain(NGX_LOG_EMERG, cf, file, "%s: %s", directive, error.message);
    return nullptr;
  }
  cleanup->handler = free_list;
  cleanup->data = list;
  return add_zone(cf, list) ? list : nullptr;
}

}  // namespace

RevocationList* list_for(ngx_conf_t* cf, const char* directive, const Setting& file) {
  MainConf* main = main_conf(cf);
  for (RevocationList* list = main->lists; list != nullptr; list = list->next) {
    if (equal(list->path, file.value)) return list;
  }
  RevocationList* list = load(cf, directive, file);
  if (list == nullptr) return nullptr;
  list->next = main->lists;
  main->lists = list;
  return list;
}

// A list has one agent, whichever directive a request comes by.
bool set_agent(ngx_conf_t* cf, RevocationList* list, const Setting& place, const ngx_str_t& path) {
  if (!list->agent_place.is_set()) {
    list->agent_path = path;
    list->agent_place = place;
  }
  if (equal(list->agent_path, path)) return true;
  complain(
      NGX_LOG_EMERG, cf, place,
      "session_revocations: the agent= is not that of %V:%ui, where the same file is named; make "
      "both the same",
      &list->agent_place.file, list->agent_place.line);
  return false;
}

// A worker that cannot read a list would not see what is revoked elsewhere.
void warn_of_unreadable_lists(ngx_cycle_t* cycle, const RevocationList* first,
                              const ngx_core_conf_t& core) {
  for (const RevocationList* list = first; list != nullptr; list = list->next) {
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealring_revocations_readable_by(text_of(list->path), core.user, core.group, &error) ==
        SEALRING_OK) {
      continue;
    }
    // The log that got the configuration's other messages, as for rings.
    ngx_log_error(NGX_LOG_WARN, cycle->old_cycle->log, 0,
                  "session_revocations: worker processes will not see this list change: %s",
                  error.message);
  }
}

void log_if_stale(RevocationList* list, ngx_log_t* log) {
  const time_t now = ngx_time();
  if (list->looked_at == now) return;
  list->looked_at = now;
  sealring_revocations_info info = SEALRING_INIT(sealring_revocations_info);
  if (sealring_revocations_describe(list->revocations, now, &info) != SEALRING_OK) return;
  if (info.stale != 0 && !list->warned_of_stale) {
    ngx_log_error(NGX_LOG_ERR, log, 0,
                  "session_revocations: the list \"%V\" is stale: its agent has not confirmed it "
                  "for %L s. Until it does, sessions are not renewed, and with stale=refuse they "
                  "are refused",
                  &list->path, now - info.confirmed_at);
  }
  list->warned_of_stale = info.stale != 0;
}

}  // namespace sealring::nginx
