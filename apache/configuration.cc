// SPDX-License-Identifier: Apache-2.0
// From directives to what a request uses: inheritance, and the check of a configuration as a whole.
//
// Sections combine anew for each request, and .htaccess files are not known before. So what is
// checked, and loaded, is each section within its server; what only a request combines, it makes.
#include <apr_strings.h>
#include <http_core.h>
#include <http_main.h>

#include "module.h"

namespace sealring::apache {
namespace {

DirConf* dir_conf(const ap_conf_vector_t* vector) {
  return static_cast<DirConf*>(ap_get_module_config(vector, &session_crypto_module));
}

DirConf merged(const DirConf& outer, const DirConf& inner) {
  DirConf conf = inner;
  if (inner.keys.ring_file == nullptr) {
    conf.keys.ring_file = outer.keys.ring_file;
    conf.ring_place = outer.ring_place;
  }
  if (inner.keys.passphrases == nullptr) {
    conf.keys.passphrases = outer.keys.passphrases;
    conf.passphrases_place = outer.passphrases_place;
  }
  if (inner.keys.algorithm == nullptr) conf.keys.algorithm = outer.keys.algorithm;
  if (inner.context == nullptr) {
    conf.context = outer.context;
    conf.context_place = outer.context_place;
  }
  if (inner.last_day == nullptr) {
    conf.keys.passphrases_end = outer.keys.passphrases_end;
    conf.last_day = outer.last_day;
    conf.last_day_place = outer.last_day_place;
  }
  return conf;
}

void complain(const Place& place, const char* directive, const char* problem) {
  ap_log_error(APLOG_MARK, APLOG_EMERG, 0, nullptr, "%s: %s in %s:%d", directive, problem,
               place.file, place.line);
}

// A directive that can do nothing is a mistake that would show much later. Another section may give
// what this one lacks, so only what the whole configuration lacks is certain.
bool is_consistent(const DirConf& conf) {
  if (main_conf().has_ring_file) return true;
  if (conf.last_day != nullptr) {
    complain(conf.last_day_place, "SessionCryptoLegacyUntil",
             "there is no SessionCryptoKeyring, so after that day nothing could seal or open; add "
             "one or remove this line");
    return false;
  }
  if (conf.context != nullptr) {
    complain(conf.context_place, "SessionCryptoContext",
             "there is no SessionCryptoKeyring, and sessions of a passphrase cannot be bound to a "
             "context; add one or remove this line");
    return false;
  }
  return true;
}

bool settle(const DirConf& conf, apr_pool_t* pool) {
  if (!is_consistent(conf)) return false;
  if (!conf.keys.any()) return true;
  sealring_error error = SEALRING_INIT(sealring_error);
  if (load_ring(conf.keys, pool, &error) != SEALRING_OK) {
    const bool file = conf.keys.ring_file != nullptr;
    complain(file ? conf.ring_place : conf.passphrases_place,
             file ? "SessionCryptoKeyring" : "SessionCryptoPassphrase", error.message);
    return false;
  }
  warn_of_passphrases(conf, pool);
  return true;
}

}  // namespace

MainConf& main_conf() {
  return *static_cast<MainConf*>(
      ap_get_module_config(ap_server_conf->module_config, &session_crypto_module));
}

void* create_main_conf(apr_pool_t* pool, server_rec*) {
  auto* conf = static_cast<MainConf*>(apr_pcalloc(pool, sizeof(MainConf)));
  conf->sections = apr_array_make(pool, 8, sizeof(Section));
  conf->rings = apr_array_make(pool, 8, sizeof(Ring));
  conf->warnings = apr_array_make(pool, 8, sizeof(const char*));
  return conf;
}

void* create_dir_conf(apr_pool_t* pool, char*) {
  return apr_pcalloc(pool, sizeof(DirConf));
}

void* merge_dir_conf(apr_pool_t* pool, void* outer, void* inner) {
  const DirConf conf = merged(*static_cast<DirConf*>(outer), *static_cast<DirConf*>(inner));
  return apr_pmemdup(pool, &conf, sizeof(conf));
}

const DirConf& conf_of(request_rec* r) {
  return *dir_conf(r->per_dir_config);
}

int check_configuration(apr_pool_t* pool, apr_pool_t*, apr_pool_t*, server_rec* main) {
  for (const server_rec* server = main; server != nullptr; server = server->next) {
    if (!settle(*dir_conf(server->lookup_defaults), pool)) return HTTP_INTERNAL_SERVER_ERROR;
  }
  const apr_array_header_t* sections = main_conf().sections;
  for (int i = 0; i < sections->nelts; ++i) {
    const Section& section = element<Section>(sections, i);
    const DirConf conf = merged(*dir_conf(section.server->lookup_defaults), *section.conf);
    if (!settle(conf, pool)) return HTTP_INTERNAL_SERVER_ERROR;
  }
  return OK;
}

}  // namespace sealring::apache
