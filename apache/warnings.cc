// SPDX-License-Identifier: Apache-2.0
// Warnings about a configuration that works: collected while it is read and checked, logged once,
// when the logs are open.
#include <apr_strings.h>
#include <http_core.h>
#include <string.h>
#include <unistd.h>
#include <unixd.h>

#include "module.h"

namespace sealring::apache {
namespace {

constexpr apr_time_t kSuggestedWindow = apr_time_from_sec(30 * 86400);

template <typename... Arguments>
void warn(apr_pool_t* pool, const char* format, Arguments... arguments) {
  add_warning(apr_psprintf(pool, format, arguments...));
}

void warn_of_passphrases_alone(const DirConf& conf, apr_pool_t* pool) {
  warn(pool,
       "SessionCryptoPassphrase: only a passphrase protects these sessions: anyone who has one "
       "cookie "
       "can try passphrases on their own machine, millions per second, and a session can be moved "
       "to "
       "another cookie. Run \"sealring keyring init %s\" and add \"SessionCryptoKeyring "
       "session.keys\" and \"SessionCryptoContext session\" beside this line in %s:%d",
       ap_server_root_relative(pool, "session.keys"), conf.passphrases_place.file,
       conf.passphrases_place.line);
}

void warn_of_passphrases_without_end(const DirConf& conf, apr_pool_t* pool) {
  char day[SEALRING_DAY_SIZE];
  if (sealring_day_of(apr_time_sec(apr_time_now() + kSuggestedWindow), day) != SEALRING_OK) return;
  warn(pool,
       "SessionCryptoPassphrase: sessions of passphrases still open, and anyone who finds a "
       "passphrase "
       "can make some. Set an end: add \"SessionCryptoLegacyUntil %s\" beside this "
       "line in %s:%d",
       static_cast<const char*>(day), conf.passphrases_place.file, conf.passphrases_place.line);
}

void warn_of_passphrases_ended(const DirConf& conf, apr_pool_t* pool) {
  warn(pool,
       "SessionCryptoLegacyUntil: %s has passed and sessions of passphrases no longer open; remove "
       "the passphrases (%s:%d) and this line in %s:%d",
       conf.last_day, conf.passphrases_place.file, conf.passphrases_place.line,
       conf.last_day_place.file, conf.last_day_place.line);
}

// A section that names a ring does not inherit passphrases from around it: what they open is bound
// to no context.
void warn_of_passphrases_above_ring(const DirConf& conf, apr_pool_t* pool) {
  warn(pool,
       "SessionCryptoKeyring: the passphrases of an outer level (%s:%d) do not open sessions here. "
       "If "
       "they should, repeat them beside this line; if not, add \"SessionCryptoPassphrase none\" in "
       "%s:%d",
       conf.passphrases_place.file, conf.passphrases_place.line, conf.ring_place.file,
       conf.ring_place.line);
}

void warn_of_what_needs_a_ring(const Place& place, const char* directive, const char* problem,
                               apr_pool_t* pool) {
  warn(pool,
       "%s: %s, because no SessionCryptoKeyring is in effect where this line is; add one, or add "
       "\"%s none\" there, for %s:%d",
       directive, problem, directive, place.file, place.line);
}

void warn_once(bool* warned, void (*warn)(const DirConf&, apr_pool_t*), const DirConf& conf,
               apr_pool_t* pool) {
  if (!*warned) warn(conf, pool);
  *warned = true;
}

bool is_repeated(const apr_array_header_t* rings, int index) {
  for (int i = 0; i < index; ++i) {
    const char* file = element<Ring>(rings, i).keys.ring_file;
    if (file != nullptr && strcmp(file, element<Ring>(rings, index).keys.ring_file) == 0) {
      return true;
    }
  }
  return false;
}

}  // namespace

// Once, however often it is found: a warning names its place.
void add_warning(const char* text) {
  apr_array_header_t* warnings = main_conf().warnings;
  for (int i = 0; i < warnings->nelts; ++i) {
    if (strcmp(element<const char*>(warnings, i), text) == 0) return;
  }
  push(warnings, text);
}

void warn_of_unexpanded(cmd_parms* cmd) {
  warn(
      cmd->pool,
      "%s: a ${NAME} was not replaced, because httpd knows no such variable: the passphrase is "
      "this "
      "very text, which anyone can guess. Define the variable, or export it where httpd is started "
      "(on Debian, in /etc/apache2/envvars) in %s:%d",
      cmd->cmd->name, cmd->directive->filename, cmd->directive->line_num);
}

void warn_of_guessable(cmd_parms* cmd) {
  warn(cmd->pool,
       "%s: a passphrase has fewer than 16 characters or is well known: anyone who has one cookie "
       "can "
       "find it on their own machine, trying millions a second. Use one that \"openssl rand "
       "-base64 24\" prints: put it first, and remove the old one when its sessions are over; or "
       "move to a key ring in %s:%d",
       cmd->cmd->name, cmd->directive->filename, cmd->directive->line_num);
}

void warn_of_passphrases(const Level& level, apr_pool_t* pool) {
  const DirConf& conf = level.conf;
  if (conf.passphrases == nullptr) return;
  MainConf& main = main_conf();
  if (conf.ring_file != nullptr && conf.passphrases_above_ring) {
    warn_of_passphrases_above_ring(conf, pool);
  } else if (conf.ring_file == nullptr) {
    warn_once(&main.warned_of_passphrases_alone, warn_of_passphrases_alone, conf, pool);
    if (!level.has_sessions || !is_reachable(level.server)) return;
    if (conf.context != nullptr) {
      warn_of_what_needs_a_ring(conf.context_place, "SessionCryptoContext",
                                "sessions of a passphrase are not bound to the context", pool);
    }
    if (conf.last_day != nullptr) {
      warn_of_what_needs_a_ring(conf.last_day_place, "SessionCryptoLegacyUntil",
                                "after that day nothing is sealed or opened", pool);
    }
    if (conf.lifetime != 0) {
      warn_of_what_needs_a_ring(conf.lifetime_place, "SessionCryptoLifetime",
                                "sessions of a passphrase have no such end", pool);
    }
    if (conf.subject != nullptr) {
      warn_of_what_needs_a_ring(conf.subject_place, "SessionCryptoSubject",
                                "sessions of a passphrase have no sid", pool);
    }
    if (conf.revocations != nullptr) {
      warn_of_what_needs_a_ring(conf.revocations_place, "SessionCryptoRevocations",
                                "sessions of a passphrase have no sid", pool);
    }
  } else if (conf.last_day == nullptr) {
    warn_once(&main.warned_of_passphrases_without_end, warn_of_passphrases_without_end, conf, pool);
  } else if (conf.passphrases_end <= apr_time_sec(apr_time_now())) {
    warn_once(&main.warned_of_passphrases_ended, warn_of_passphrases_ended, conf, pool);
  }
}

// With nothing but directives of the original, sessions are in plain text, as with the original.
void warn_of_plain_sessions(const Level& level, apr_pool_t* pool) {
  const bool of_cipher = level.conf.cipher_place.is_set();
  const Place& place = of_cipher ? level.conf.cipher_place : main_conf().driver_place;
  if (!place.is_set()) return;
  const server_rec* server = level.server;
  const char* file = server->defn_name != nullptr ? server->defn_name : place.file;
  warn(pool,
       "%s (%s:%d) encrypts nothing: server %s (%s) has \"Session On\" without a "
       "SessionCryptoKeyring or SessionCryptoPassphrase, so sessions are in plain text there, and "
       "anyone can make one. Add a SessionCryptoKeyring",
       of_cipher ? "SessionCryptoCipher" : "SessionCryptoDriver", place.file, place.line,
       server->server_hostname, file);
}

// httpd loads rings as root, its children look after them as User and Group. What these cannot read
// they cannot follow, so they would miss a rotation.
void warn_of_unreadable_rings(apr_pool_t* pool) {
  if (geteuid() != 0) return;
  const apr_array_header_t* rings = main_conf().rings;
  for (int i = 0; i < rings->nelts; ++i) {
    const char* file = element<Ring>(rings, i).keys.ring_file;
    if (file == nullptr || is_repeated(rings, i)) continue;
    sealring_error error = SEALRING_INIT(sealring_error);
    if (sealring_keyring_readable_by(file, ap_unixd_config.user_id, ap_unixd_config.group_id,
                                     &error) != SEALRING_OK) {
      warn(pool, "SessionCryptoKeyring: child processes will not see this ring change: %s",
           error.message);
    }
  }
}

void log_all_warnings(const server_rec* main) {
  const apr_array_header_t* warnings = main_conf().warnings;
  for (int i = 0; i < warnings->nelts; ++i) {
    ap_log_error(APLOG_MARK, APLOG_WARNING, 0, main, "%s", element<const char*>(warnings, i));
  }
}

}  // namespace sealring::apache
