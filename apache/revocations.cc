// SPDX-License-Identifier: Apache-2.0
// The revocation lists of a configuration, loaded while it is read, and the memory that httpd's
// processes share of each, which lives as long as the parent.
#include "revocations.h"

#include <apr_atomic.h>
#include <apr_strings.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unixd.h>

namespace sealring::apache {
namespace {

constexpr size_t kMemorySize = size_t{2} << 20;

apr_status_t free_list(void* data) {
  auto* list = static_cast<List*>(data);
  sealring_agent_free(list->agent);
  sealring_revocations_free(list->revocations);
  return APR_SUCCESS;
}

List* add(const DirConf& conf, apr_pool_t* pool, sealring_error* error) {
  auto* list = static_cast<List*>(apr_pcalloc(pool, sizeof(List)));
  list->file = conf.revocations;
  list->agent_path = conf.agent;
  list->place = conf.revocations_place;
  if (sealring_revocations_load(list->file, &list->revocations, error) != SEALRING_OK ||
      (list->agent_path != nullptr &&
       sealring_agent_new(list->agent_path, &list->agent, error) != SEALRING_OK)) {
    free_list(list);
    return nullptr;
  }
  apr_pool_cleanup_register(pool, list, free_list, apr_pool_cleanup_null);
  push(main_conf().lists, list);
  return list;
}

bool same(const char* a, const char* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return strcmp(a, b) == 0;
}

// Children that end gracefully and those that come after a reload have to use the same memory, so
// it is made once, in the parent, and inherited. It has no file, so nothing can damage it.
const Shared* shared_of(const List& list, apr_pool_t* pool) {
  // The number is that of the memory's layout (src/revocation/pending.cc): after a reload the
  // module may be another one.
  const char* name = apr_pstrcat(pool, "sealring revocations 2 ", list.file, nullptr);
  void* found = nullptr;
  apr_pool_userdata_get(&found, name, pool);
  if (found != nullptr) return static_cast<const Shared*>(found);

  auto* shared = static_cast<Shared*>(apr_pcalloc(pool, sizeof(Shared)));
  shared->memory =
      mmap(nullptr, kMemorySize, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared->memory == MAP_FAILED ||
      apr_proc_mutex_create(&shared->mutex, nullptr, APR_LOCK_PROC_PTHREAD, pool) != APR_SUCCESS) {
    return nullptr;
  }
  apr_pool_userdata_setn(shared, name, nullptr, pool);
  return shared;
}

}  // namespace

List* find_list(const char* file) {
  if (file == nullptr) return nullptr;
  const apr_array_header_t* lists = main_conf().lists;
  for (int i = 0; i < lists->nelts; ++i) {
    List* list = element<List*>(lists, i);
    if (strcmp(list->file, file) == 0) return list;
  }
  return nullptr;
}

sealring_status load_list(const DirConf& conf, apr_pool_t* pool, sealring_error* error) {
  if (conf.revocations == nullptr) return SEALRING_OK;
  const List* list = find_list(conf.revocations);
  if (list == nullptr) list = add(conf, pool, error);
  if (list == nullptr) return error->status;
  if (same(list->agent_path, conf.agent)) return SEALRING_OK;
  error->status = SEALRING_INVALID_ARGUMENT;
  apr_snprintf(error->message, sizeof(error->message),
               "the agent= is not that of %s:%d, where the same file is named; make both the same",
               list->place.file, list->place.line);
  return error->status;
}

bool share_lists(const server_rec* main) {
  const apr_array_header_t* lists = main_conf().lists;
  for (int i = 0; i < lists->nelts; ++i) {
    List* list = element<List*>(lists, i);
    list->shared = shared_of(*list, main->process->pool);
    bool shared = false;
    if (list->shared != nullptr) {
      const Turn turn(*list);
      shared = sealring_revocations_share(list->revocations, list->shared->memory, kMemorySize) ==
               SEALRING_OK;
    }
    if (!shared) {
      ap_log_error(APLOG_MARK, APLOG_EMERG, 0, main,
                   "SessionCryptoRevocations: there is no shared memory for logouts in %s:%d",
                   list->place.file, list->place.line);
      return false;
    }
  }
  return true;
}

// Children that cannot read a list would not see what is revoked elsewhere.
void warn_of_unreadable_lists(apr_pool_t* pool) {
  if (geteuid() != 0) return;
  const apr_array_header_t* lists = main_conf().lists;
  for (int i = 0; i < lists->nelts; ++i) {
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealring_revocations_readable_by(element<List*>(lists, i)->file, ap_unixd_config.user_id,
                                         ap_unixd_config.group_id, &error) != SEALRING_OK) {
      add_warning(apr_psprintf(
          pool, "SessionCryptoRevocations: child processes will not see this list change: %s",
          error.message));
    }
  }
}

// Once in a process, until the list is fresh again.
void log_if_stale(List* list, int64_t now, request_rec* r) {
  const auto second = static_cast<apr_uint32_t>(now);
  if (apr_atomic_read32(&list->looked_at) == second) return;
  if (apr_atomic_xchg32(&list->looked_at, second) == second) return;
  sealring_revocations_info info = SEALRING_INIT(sealring_revocations_info);
  if (sealring_revocations_describe(list->revocations, now, &info) != SEALRING_OK) return;
  const bool warned = apr_atomic_xchg32(&list->warned_of_stale, info.stale != 0) != 0;
  if (info.stale == 0 || warned) return;
  ap_log_rerror(
      APLOG_MARK, APLOG_ERR, 0, r,
      "SessionCryptoRevocations: the list \"%s\" is stale: its agent has not confirmed it "
      "for %" APR_INT64_T_FMT
      " s. Until it does, sessions are not renewed, and with "
      "stale=refuse they are refused",
      list->file, static_cast<apr_int64_t>(now - info.confirmed_at));
}

}  // namespace sealring::apache
