// SPDX-License-Identifier: Apache-2.0
// What the files of the Apache module share. The module knows httpd, APR and the C ABI of sealring,
// and nothing else.
#pragma once

extern "C" {
#include <httpd.h>
// The others need it first.
#include <http_config.h>
#include <http_log.h>
#include <mod_session.h>
APLOG_USE_MODULE(session_crypto);
}

#include "sealring/status.h"

namespace sealring::apache {

// Where a directive was given, for messages that come after parsing. The file is null if it was
// not.
struct Place {
  const char* file;
  int line;

  bool is_set() const { return file != nullptr; }
};

// Keys that seal and open together: a key ring file, passphrases, or both.
struct Keys {
  const char* ring_file;                  // null: none
  const apr_array_header_t* passphrases;  // of const char *; null: none
  const char* algorithm;                  // of the passphrases' keys; null: the default
  int64_t passphrases_end;                // when passphrases stop opening; 0: never

  bool any() const { return ring_file != nullptr || passphrases != nullptr; }
};

// The configuration of a server, a section or a .htaccess file. What has no place is not set there,
// and is inherited. What has a place and no value is set to "none".
struct DirConf {
  const char* ring_file;
  const char* context;
  const char* algorithm;
  const char* last_day;
  const char* subject;
  const char* revocations;  // the file of a list
  const char* agent;        // the path of its socket; null: none
  bool refuse_stale;        // a list that may be out of date refuses everything
  int64_t lifetime;         // of sessions, in seconds; 0: no such end
  int64_t passphrases_end;  // the midnight that ends last_day
  apr_array_header_t* passphrases;
  // An outer level names the passphrases, and an inner one names the ring: they are not used.
  bool passphrases_above_ring;
  bool has_mistake;  // in a .htaccess file, so there are no sessions
  Place ring_place;
  Place context_place;
  Place cipher_place;
  Place last_day_place;
  Place subject_place;
  Place lifetime_place;
  Place revocations_place;
  Place passphrases_place;

  Keys keys() const;
  // A directive that only makes sense with encryption is in effect, so nothing may be kept in
  // clear.
  bool wants_encryption() const;
};

// A ring that was loaded while the configuration was read.
struct Ring {
  Keys keys;
  sealring_keyring* keyring;
  volatile apr_uint32_t* warned_of_size;  // each process has its own
};

struct Section {
  const DirConf* conf;
  const server_rec* server;
};

// Where requests are served: a server, or a section within it.
struct Level {
  const server_rec* server;
  DirConf conf;
  bool has_sessions;  // Session On
};

// What a configuration has once. The main server's is used.
struct MainConf {
  const char* driver;  // null: the default
  Place driver_place;
  apr_array_header_t* sections;  // of Section: those with a directive of ours, .htaccess excepted
  apr_array_header_t* rings;     // of Ring
  apr_array_header_t* lists;     // of List *
  apr_array_header_t* warnings;  // of const char *
  const char* problem;           // of a directive, to be logged when the logs are open; null: none
  bool has_ring_file;            // somewhere
  // Each of these is said once a configuration, not once a section.
  bool warned_of_passphrases_alone;
  bool warned_of_passphrases_without_end;
  bool warned_of_passphrases_ended;
};
MainConf& main_conf();

template <typename T>
T& element(const apr_array_header_t* array, int index) {
  return reinterpret_cast<T*>(array->elts)[index];
}

template <typename T>
void push(apr_array_header_t* array, const T& value) {
  *static_cast<T*>(apr_array_push(array)) = value;
}

// configuration.cc: from directives to what a request uses.
void* create_main_conf(apr_pool_t* pool, server_rec* server);
void* create_dir_conf(apr_pool_t* pool, char* dir);
void* merge_dir_conf(apr_pool_t* pool, void* outer, void* inner);
DirConf merged(const DirConf& outer, const DirConf& inner);
const DirConf& dir_conf(const ap_conf_vector_t* vector);
const DirConf& conf_of(request_rec* r);

// levels.cc: all levels of a configuration that are known before requests come.
const apr_array_header_t* levels_of(server_rec* main, apr_pool_t* pool);
bool is_reachable(const server_rec* server);

// checks.cc: the check of a configuration as a whole, and what is loaded for it.
bool check_configuration(server_rec* main, apr_pool_t* pool);

// problems.cc: what is wrong with a directive reaches the operator.
bool is_first_pass();
const char* report(cmd_parms* cmd, void* conf, const char* problem);
template <const char* (*Set)(cmd_parms*, void*, const char*)>
const char* reported(cmd_parms* cmd, void* conf, const char* argument) {
  return report(cmd, conf, Set(cmd, conf, argument));
}
template <const char* (*Set)(cmd_parms*, void*, const char*, const char*, const char*)>
const char* reported(cmd_parms* cmd, void* conf, const char* a, const char* b, const char* c) {
  return report(cmd, conf, Set(cmd, conf, a, b, c));
}

// directives.cc, passphrases.cc: the directives.
const char* set_keyring(cmd_parms* cmd, void* conf, const char* file);
const char* set_context(cmd_parms* cmd, void* conf, const char* text);
const char* set_cipher(cmd_parms* cmd, void* conf, const char* name);
const char* set_legacy_until(cmd_parms* cmd, void* conf, const char* day);
const char* set_lifetime(cmd_parms* cmd, void* conf, const char* time);
const char* set_subject(cmd_parms* cmd, void* conf, const char* field);
const char* set_revocations(cmd_parms* cmd, void* conf, const char* file, const char* option,
                            const char* other_option);
bool is_none(const char* word);

// driver.cc
const char* set_driver(cmd_parms* cmd, void* conf, const char* arguments);
bool driver_starts(sealring_error* error);
const char* driver_name(apr_pool_t* pool);
void warn_of_nss_that_is_there(apr_pool_t* pool);

// exec.cc: runs the program to its end, because its exit status counts. `line` receives the first
// line that it printed, as much of it as fits. Returns what went wrong.
const char* run(apr_pool_t* pool, const char* const* arguments, char* line, apr_size_t capacity);
const char* text_of(apr_status_t status, apr_pool_t* pool);
const char* add_passphrase(cmd_parms* cmd, void* conf, const char* word);
const char* add_passphrase_file(cmd_parms* cmd, void* conf, const char* file);
Place note_directive(cmd_parms* cmd, const DirConf* conf);
bool in_htaccess(cmd_parms* cmd);

// guessable.cc
bool is_guessable(const char* passphrase);
bool is_unexpanded(const char* text);

// rings.cc: keys and the rings of a configuration.
bool same_text(const char* a, const char* b);
bool same_keys(const Keys& a, const Keys& b);
// The same, as long as the pool lasts: the configuration's, or a copy that is wiped with the pool.
Keys lasting_keys(const Keys& keys, apr_pool_t* pool);
sealring_status make_keyring(const Keys& keys, apr_pool_t* temporary, sealring_keyring** keyring,
                             sealring_error* error);
const Ring* find_ring(const Keys& keys);
sealring_status load_ring(const Keys& keys, apr_pool_t* pool, sealring_error* error);

// warnings.cc, htaccess.cc: what operators should know, collected while the configuration is
// checked and logged once, when the logs are open.
void add_warning(const char* text);
void warn_of_guessable(cmd_parms* cmd);
void warn_of_unexpanded(cmd_parms* cmd);
void warn_of_passphrases(const Level& level, apr_pool_t* pool);
void warn_of_plain_sessions(const Level& level, apr_pool_t* pool);
void warn_of_unreadable_rings(apr_pool_t* pool);
void warn_of_htaccess(const server_rec* main, apr_pool_t* pool);
void log_all_warnings(const server_rec* main);

// sealers.cc: the sealers of a thread.
void start_child(apr_pool_t* pool, server_rec* main);
sealring_sealer* ready_sealer(const DirConf& conf, int64_t now, request_rec* r);

// session.cc: hooks of mod_session.
void register_session_hooks();
void log_not_opened(request_rec* r, sealring_status status, const char* detail);
void log_not_sealed(request_rec* r, sealring_status status, const char* detail);
void log_refused(request_rec* r, sealring_status reason, const char* kid, const char* detail);

// ring_sessions.cc: sessions of a key ring.
struct View;
apr_status_t seal_session(request_rec* r, session_rec* session, View* view, const DirConf& conf,
                          sealring_sealer* sealer, int64_t now);
apr_status_t open_session(request_rec* r, session_rec* session, View* view, const DirConf& conf,
                          sealring_sealer* sealer, int64_t now, const char* token, size_t size);

// status.cc: counters, and the handler that shows them.
bool share_counters(const server_rec* main);
sealring_counters* counters();
void register_status_handler();

// large_cookies.cc: warns of a cookie that browsers drop.
void note_token(request_rec* r, const char* token, size_t size);
void register_cookie_hooks();

}  // namespace sealring::apache
