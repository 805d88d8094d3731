// SPDX-License-Identifier: Apache-2.0
// The sealers of a thread, made when a request first needs them, so after fork: one for each ring
// and revocation list of the configuration, and a few for what only requests combine (.htaccess
// files).
#include <apr_thread_proc.h>

#include "revocations.h"

namespace sealring::apache {
namespace {

// Authors of .htaccess files can make each other's sealers leave, but not those of the
// configuration. A sealer that is made anew costs less than a millisecond, and has to derive keys
// of passphrases again.
constexpr int kMaxGuests = 8;

// What revokes the sessions of a ring.
struct Revoking {
  List* list;  // null: nothing
  bool refuse_stale;
};

struct Entry {
  apr_pool_t* pool;  // holds the entry
  Keys keys;
  Revoking revoking;
  sealring_sealer* sealer;
  bool is_guest;
  Entry* next;
};

struct Thread {
  apr_pool_t* pool;  // holds this, and the entries' pools
  Entry* first;      // the last used comes first
};

apr_threadkey_t* threads = nullptr;

apr_status_t free_entry(void* data) {
  sealring_sealer_free(static_cast<Entry*>(data)->sealer);
  return APR_SUCCESS;
}

void free_thread(void* thread) {
  apr_pool_destroy(static_cast<Thread*>(thread)->pool);
}

// At the end of a child without threads, its only thread does not end before.
apr_status_t end_child(void*) {
  void* thread = nullptr;
  apr_threadkey_private_get(&thread, threads);
  if (thread != nullptr) free_thread(thread);
  apr_threadkey_private_delete(threads);
  threads = nullptr;
  return APR_SUCCESS;
}

Thread* this_thread() {
  if (threads == nullptr) return nullptr;
  void* found = nullptr;
  apr_threadkey_private_get(&found, threads);
  if (found != nullptr) return static_cast<Thread*>(found);

  apr_pool_t* pool = nullptr;
  if (apr_pool_create_unmanaged_ex(&pool, nullptr, nullptr) != APR_SUCCESS) return nullptr;
  auto* thread = static_cast<Thread*>(apr_pcalloc(pool, sizeof(Thread)));
  thread->pool = pool;
  if (apr_threadkey_private_set(thread, threads) == APR_SUCCESS) return thread;
  apr_pool_destroy(pool);
  return nullptr;
}

Entry* find(Thread* thread, const Keys& keys, const Revoking& revoking) {
  for (Entry** link = &thread->first; *link != nullptr; link = &(*link)->next) {
    Entry* entry = *link;
    if (entry->revoking.list != revoking.list ||
        entry->revoking.refuse_stale != revoking.refuse_stale || !same_keys(entry->keys, keys)) {
      continue;
    }
    *link = entry->next;
    entry->next = thread->first;
    thread->first = entry;
    return entry;
  }
  return nullptr;
}

void make_room_for_guest(Thread* thread) {
  int guests = 0;
  Entry** last = nullptr;
  for (Entry** link = &thread->first; *link != nullptr; link = &(*link)->next) {
    if (!(*link)->is_guest) continue;
    ++guests;
    last = link;
  }
  if (guests < kMaxGuests) return;
  Entry* leaving = *last;
  *last = leaving->next;
  apr_pool_destroy(leaving->pool);
}

sealring_status make_sealer(const Keys& keys, const Ring* ring, apr_pool_t* temporary,
                            sealring_sealer** sealer, sealring_error* error) {
  const char* driver = main_conf().driver;
  if (ring != nullptr) return sealring_sealer_new(ring->keyring, driver, sealer, error);
  sealring_keyring* keyring = nullptr;
  sealring_status status = make_keyring(keys, temporary, &keyring, error);
  if (status == SEALRING_OK) status = sealring_sealer_new(keyring, driver, sealer, error);
  sealring_keyring_free(keyring);
  return status;
}

Entry* add(Thread* thread, const Keys& keys, const Revoking& revoking, request_rec* r) {
  const Ring* ring = find_ring(keys);
  sealring_error error = SEALRING_INIT(sealring_error);
  sealring_sealer* sealer = nullptr;
  sealring_status status = make_sealer(keys, ring, r->pool, &sealer, &error);
  if (status == SEALRING_OK && revoking.list != nullptr) {
    status =
        sealring_sealer_use_revocations(sealer, revoking.list->revocations, revoking.refuse_stale);
  }
  if (status != SEALRING_OK) {
    sealring_sealer_free(sealer);
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "no sealer for these sessions: %s",
                  error.message[0] != '\0' ? error.message : sealring_status_name(status));
    return nullptr;
  }
  sealring_sealer_count(sealer, counters());
  if (ring == nullptr) make_room_for_guest(thread);

  apr_pool_t* pool = nullptr;
  apr_pool_create(&pool, thread->pool);
  auto* entry = static_cast<Entry*>(apr_pcalloc(pool, sizeof(Entry)));
  entry->pool = pool;
  entry->keys = lasting_keys(keys, pool);
  entry->revoking = revoking;
  entry->sealer = sealer;
  entry->is_guest = ring == nullptr;
  entry->next = thread->first;
  thread->first = entry;
  apr_pool_cleanup_register(pool, entry, free_entry, apr_pool_cleanup_null);
  return entry;
}

}  // namespace

void start_child(apr_pool_t* pool, server_rec* main) {
  const apr_status_t made = apr_threadkey_private_create(&threads, free_thread, pool);
  if (made != APR_SUCCESS) {
    threads = nullptr;
    ap_log_error(APLOG_MARK, APLOG_CRIT, made, main, "no sessions: no key for thread storage");
    return;
  }
  apr_pool_cleanup_register(pool, nullptr, end_child, apr_pool_cleanup_null);
}

sealring_sealer* ready_sealer(const DirConf& conf, int64_t now, request_rec* r) {
  Thread* thread = this_thread();
  if (thread == nullptr) return nullptr;
  const Keys keys = conf.keys();
  Revoking revoking = {};
  if (keys.ring_file != nullptr) revoking = {find_list(conf.revocations), conf.refuse_stale};
  Entry* entry = find(thread, keys, revoking);
  if (entry == nullptr) entry = add(thread, keys, revoking, r);
  if (entry == nullptr) return nullptr;
  sealring_error error = SEALRING_INIT(sealring_error);
  if (sealring_sealer_refresh(entry->sealer, now, &error) != SEALRING_OK) {
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "%s: %s",
                  error.status == SEALRING_INVALID_REVOCATIONS ? "SessionCryptoRevocations"
                                                               : "SessionCryptoKeyring",
                  error.message);
  }
  if (revoking.list != nullptr) log_if_stale(revoking.list, now, r);
  return entry->sealer;
}

}  // namespace sealring::apache
