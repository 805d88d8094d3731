// SPDX-License-Identifier: Apache-2.0
// From directives to what a request uses: inheritance.
#include <apr_strings.h>
#include <http_core.h>
#include <http_main.h>

#include "module.h"

namespace sealring::apache {

MainConf& main_conf() {
  return *static_cast<MainConf*>(
      ap_get_module_config(ap_server_conf->module_config, &session_crypto_module));
}

void* create_main_conf(apr_pool_t* pool, server_rec*) {
  auto* conf = static_cast<MainConf*>(apr_pcalloc(pool, sizeof(MainConf)));
  conf->sections = apr_array_make(pool, 8, sizeof(Section));
  conf->rings = apr_array_make(pool, 8, sizeof(Ring));
  conf->lists = apr_array_make(pool, 8, sizeof(void*));
  conf->warnings = apr_array_make(pool, 8, sizeof(const char*));
  return conf;
}

void* create_dir_conf(apr_pool_t* pool, char*) {
  return apr_pcalloc(pool, sizeof(DirConf));
}

// httpd combines sections among themselves before it combines them with their server. So the order
// of combining must not matter, and passphrases above a ring are kept, in case that a section
// within has no ring.
DirConf merged(const DirConf& outer, const DirConf& inner) {
  DirConf conf = inner;
  conf.has_mistake = outer.has_mistake || inner.has_mistake;
  if (!inner.ring_place.is_set()) {
    conf.ring_file = outer.ring_file;
    conf.ring_place = outer.ring_place;
  }
  if (!inner.passphrases_place.is_set()) {
    conf.passphrases = outer.passphrases;
    conf.passphrases_place = outer.passphrases_place;
    conf.passphrases_above_ring = outer.passphrases_above_ring || inner.ring_file != nullptr;
  }
  if (!inner.cipher_place.is_set()) {
    conf.algorithm = outer.algorithm;
    conf.cipher_place = outer.cipher_place;
  }
  if (!inner.context_place.is_set()) {
    conf.context = outer.context;
    conf.context_place = outer.context_place;
  }
  if (!inner.last_day_place.is_set()) {
    conf.last_day = outer.last_day;
    conf.passphrases_end = outer.passphrases_end;
    conf.last_day_place = outer.last_day_place;
  }
  if (!inner.lifetime_place.is_set()) {
    conf.lifetime = outer.lifetime;
    conf.lifetime_place = outer.lifetime_place;
  }
  if (!inner.subject_place.is_set()) {
    conf.subject = outer.subject;
    conf.subject_place = outer.subject_place;
  }
  if (!inner.revocations_place.is_set()) {
    conf.revocations = outer.revocations;
    conf.agent = outer.agent;
    conf.refuse_stale = outer.refuse_stale;
    conf.revocations_place = outer.revocations_place;
  }
  return conf;
}

void* merge_dir_conf(apr_pool_t* pool, void* outer, void* inner) {
  const DirConf conf = merged(*static_cast<DirConf*>(outer), *static_cast<DirConf*>(inner));
  return apr_pmemdup(pool, &conf, sizeof(conf));
}

const DirConf& dir_conf(const ap_conf_vector_t* vector) {
  static constexpr DirConf kNothing = {};
  // httpd makes it when it meets the first directive of ours in a section.
  const auto* conf =
      static_cast<const DirConf*>(ap_get_module_config(vector, &session_crypto_module));
  return conf != nullptr ? *conf : kNothing;
}

const DirConf& conf_of(request_rec* r) {
  return dir_conf(r->per_dir_config);
}

Keys DirConf::keys() const {
  if (has_mistake) return {};
  const bool without_passphrases = ring_file != nullptr && passphrases_above_ring;
  return {ring_file, without_passphrases ? nullptr : passphrases, algorithm, passphrases_end};
}

bool DirConf::wants_encryption() const {
  return has_mistake || ring_place.is_set() || passphrases_place.is_set() || context != nullptr ||
         last_day != nullptr || lifetime != 0 || subject != nullptr || revocations != nullptr;
}

}  // namespace sealring::apache
