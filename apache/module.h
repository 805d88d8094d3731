// SPDX-License-Identifier: Apache-2.0
// What the files of the Apache module share. The module knows httpd, APR and the C ABI of sealring,
// and nothing else.
#pragma once

extern "C" {
#include <httpd.h>
// The others need it first.
#include <http_config.h>
#include <http_log.h>
APLOG_USE_MODULE(session_crypto);
}

#include "sealring/sealring.h"

namespace sealring::apache {

// Where a directive stands, for messages that come after parsing.
struct Place {
  const char* file;
  int line;
};

// Keys that seal and open together: a key ring file, passphrases, or both.
struct Keys {
  const char* ring_file;                  // null: none
  const apr_array_header_t* passphrases;  // of const char *; null: none
  const char* algorithm;                  // of the passphrases' keys; null: the default
  int64_t passphrases_end;                // when passphrases stop opening; 0: never

  bool any() const { return ring_file != nullptr || passphrases != nullptr; }
};

// The configuration of a server, a section or a .htaccess file. What is null is not set there.
struct DirConf {
  Keys keys;
  const char* context;
  const char* last_day;             // that passphrases_end ends
  apr_array_header_t* passphrases;  // those of `keys`, while directives append to them
  Place ring_place;
  Place passphrases_place;
  Place context_place;
  Place last_day_place;
};

// A ring that was loaded while the configuration was read.
struct Ring {
  Keys keys;
  sealring_keyring* keyring;
};

struct Section {
  const DirConf* conf;
  const server_rec* server;
};

// What a configuration has once. The main server's is used.
struct MainConf {
  const char* driver;            // null: the default
  apr_array_header_t* sections;  // of Section: those with a directive of ours, .htaccess excepted
  apr_array_header_t* rings;     // of Ring
  apr_array_header_t* warnings;  // of const char *
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
const DirConf& conf_of(request_rec* r);
int check_configuration(apr_pool_t* pool, apr_pool_t* log, apr_pool_t* temporary, server_rec* main);

// directives.cc, passphrases.cc: the directives.
const char* set_keyring(cmd_parms* cmd, void* conf, const char* file);
const char* set_context(cmd_parms* cmd, void* conf, const char* text);
const char* set_cipher(cmd_parms* cmd, void* conf, const char* name);
const char* set_legacy_until(cmd_parms* cmd, void* conf, const char* day);
const char* set_driver(cmd_parms* cmd, void* conf, const char* arguments);
const char* add_passphrase(cmd_parms* cmd, void* conf, const char* word);
const char* add_passphrase_file(cmd_parms* cmd, void* conf, const char* file);
Place note_directive(cmd_parms* cmd, const DirConf* conf);
bool in_htaccess(cmd_parms* cmd);

// guessable.cc
bool is_guessable(const char* passphrase);

// rings.cc: keys and the rings of a configuration.
bool same_keys(const Keys& a, const Keys& b);
sealring_status make_keyring(const Keys& keys, apr_pool_t* temporary, sealring_keyring** keyring,
                             sealring_error* error);
const Ring* find_ring(const Keys& keys);
sealring_status load_ring(const Keys& keys, apr_pool_t* pool, sealring_error* error);

// warnings.cc: what operators should hear, collected while the configuration is checked and told
// once, when the logs are open.
void warn_of_guessable(cmd_parms* cmd);
void warn_of_passphrases(const DirConf& conf, apr_pool_t* pool);
void warn_of_unreadable_rings(apr_pool_t* pool);
void tell_warnings(const server_rec* main);

// sealers.cc: the sealers of a thread.
void start_child(apr_pool_t* pool, server_rec* main);
sealring_sealer* ready_sealer(const Keys& keys, int64_t now, request_rec* r);

// session.cc: hooks of mod_session.
void register_session_hooks();

}  // namespace sealring::apache
