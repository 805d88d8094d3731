// SPDX-License-Identifier: Apache-2.0
// The check of a configuration as a whole, and the rings that are loaded for it.
//
// What is checked is each level that is known before requests come. What only a request combines,
// as with .htaccess files, is made when it is needed.
#include <apr_strings.h>
#include <http_core.h>
#include <http_main.h>

#include "revocations.h"

namespace sealring::apache {
namespace {

bool refuse(const Place& place, const char* directive, const char* problem) {
  ap_log_error(APLOG_MARK, APLOG_EMERG, 0, is_first_pass() ? nullptr : ap_server_conf,
               "%s: %s in %s:%d", directive, problem, place.file, place.line);
  return false;
}

// Without a ring anywhere, a directive that only works with one is a mistake, which would show much
// later. If there is a ring somewhere, another section may name it for this one.
bool rings_are_there(const DirConf& conf) {
  if (main_conf().has_ring_file) return true;
  if (conf.last_day != nullptr) {
    return refuse(conf.last_day_place, "SessionCryptoLegacyUntil",
                  "there is no SessionCryptoKeyring, so after that day nothing could seal or open; "
                  "add one or remove this line");
  }
  if (conf.context != nullptr) {
    return refuse(conf.context_place, "SessionCryptoContext",
                  "there is no SessionCryptoKeyring, and sessions of a passphrase cannot be bound "
                  "to a context; add one or remove this line");
  }
  if (conf.lifetime != 0) {
    return refuse(conf.lifetime_place, "SessionCryptoLifetime",
                  "there is no SessionCryptoKeyring, and sessions of a passphrase do not say when "
                  "they began; add one or remove this line");
  }
  if (conf.subject != nullptr) {
    return refuse(conf.subject_place, "SessionCryptoSubject",
                  "there is no SessionCryptoKeyring, and sessions of a passphrase have no sid; add "
                  "one or remove this line");
  }
  if (conf.revocations != nullptr) {
    return refuse(conf.revocations_place, "SessionCryptoRevocations",
                  "there is no SessionCryptoKeyring, and sessions of a passphrase have no sid; add "
                  "one or remove this line");
  }
  return true;
}

// Sessions that were to be encrypted, by a directive that the original does not have or by "none",
// are never in clear.
bool sessions_are_encrypted(const Level& level, apr_pool_t* pool) {
  const DirConf& conf = level.conf;
  if (!level.has_sessions || conf.keys().any() || !is_reachable(level.server)) return true;
  constexpr char kProblem[] =
      "sessions would be in plain text: neither a SessionCryptoKeyring nor a "
      "SessionCryptoPassphrase is in effect beside \"Session On\". Add one, or \"Session Off\", or "
      "remove this line";
  if (conf.context != nullptr) return refuse(conf.context_place, "SessionCryptoContext", kProblem);
  if (conf.last_day != nullptr) {
    return refuse(conf.last_day_place, "SessionCryptoLegacyUntil", kProblem);
  }
  if (conf.lifetime != 0) return refuse(conf.lifetime_place, "SessionCryptoLifetime", kProblem);
  if (conf.subject != nullptr) return refuse(conf.subject_place, "SessionCryptoSubject", kProblem);
  if (conf.revocations != nullptr) {
    return refuse(conf.revocations_place, "SessionCryptoRevocations", kProblem);
  }
  if (conf.ring_place.is_set()) return refuse(conf.ring_place, "SessionCryptoKeyring", kProblem);
  if (conf.passphrases_place.is_set()) {
    return refuse(conf.passphrases_place, "SessionCryptoPassphrase",
                  apr_pstrcat(pool, kProblem,
                              ". A passphrase that is the word \"none\" goes into a "
                              "SessionCryptoPassphraseFile,",
                              nullptr));
  }
  warn_of_plain_sessions(level, pool);
  return true;
}

bool keys_are_ready(const DirConf& conf, apr_pool_t* pool) {
  const Keys keys = conf.keys();
  if (!keys.any()) return true;
  sealring_error error = SEALRING_INIT(sealring_error);
  if (load_ring(keys, pool, &error) == SEALRING_OK) return true;
  return keys.ring_file != nullptr
             ? refuse(conf.ring_place, "SessionCryptoKeyring", error.message)
             : refuse(conf.passphrases_place, "SessionCryptoPassphrase", error.message);
}

bool list_is_ready(const DirConf& conf, apr_pool_t* pool) {
  sealring_error error = SEALRING_INIT(sealring_error);
  return load_list(conf, pool, &error) == SEALRING_OK ||
         refuse(conf.revocations_place, "SessionCryptoRevocations", error.message);
}

bool settle(const Level& level, apr_pool_t* pool) {
  const DirConf& conf = level.conf;
  if (!rings_are_there(conf) || !sessions_are_encrypted(level, pool)) return false;
  if (!keys_are_ready(conf, pool) || !list_is_ready(conf, pool)) return false;
  warn_of_passphrases(level, pool);
  return true;
}

}  // namespace

bool check_configuration(server_rec* main, apr_pool_t* pool) {
  sealring_error error = SEALRING_INIT(sealring_error);
  if (!driver_starts(&error)) {
    return refuse(main_conf().driver_place,
                  error.status == SEALRING_INVALID_ARGUMENT ? APLOGNO(01846) "SessionCryptoDriver"
                                                            : APLOGNO(01848) "SessionCryptoDriver",
                  error.message);
  }
  const apr_array_header_t* levels = levels_of(main, pool);
  for (int i = 0; i < levels->nelts; ++i) {
    if (!settle(element<Level>(levels, i), pool)) return false;
  }
  // Sections that httpd's core does not know, such as <Proxy>.
  const apr_array_header_t* sections = main_conf().sections;
  for (int i = 0; i < sections->nelts; ++i) {
    const Section& section = element<Section>(sections, i);
    const DirConf conf = merged(dir_conf(section.server->lookup_defaults), *section.conf);
    if (!rings_are_there(conf) || !keys_are_ready(conf, pool) || !list_is_ready(conf, pool)) {
      return false;
    }
  }
  return true;
}

}  // namespace sealring::apache
