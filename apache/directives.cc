// SPDX-License-Identifier: Apache-2.0
// The directives that set one value: syntax and bounds.
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

constexpr size_t kMaxDigits = 9;  // of a time: more would be too large with a unit

struct Cipher {
  const char* name;
  const char* algorithm;
};

constexpr Cipher kCiphers[] = {
    {"aes256", "apache-aes256"},
    {"aes192", "apache-aes192"},
    {"aes128", "apache-aes128"},
    {"3des192", "apache-3des192"},
};

const char* unexpanded(cmd_parms* cmd, const char* text) {
  if (!is_unexpanded(text)) return nullptr;
  return apr_psprintf(
      cmd->pool,
      "%s: \"%s\" was not replaced, because httpd knows no such variable; define "
      "it, or export it where httpd is started (on Debian, in /etc/apache2/envvars)",
      cmd->cmd->name, text);
}

bool read_option(cmd_parms* cmd, DirConf* dir, const char* option) {
  constexpr char kAgent[] = "agent=unix:";
  constexpr size_t kSize = sizeof(kAgent) - 1;
  if (option == nullptr) return true;
  if (strcmp(option, "stale=refuse") == 0) {
    dir->refuse_stale = true;
    return true;
  }
  if (strncmp(option, kAgent, kSize) != 0 || option[kSize] == '\0') return false;
  dir->agent = ap_server_root_relative(cmd->pool, option + kSize);
  return dir->agent != nullptr;
}

}  // namespace

bool is_none(const char* word) {
  return strcmp(word, "none") == 0;
}

bool in_htaccess(cmd_parms* cmd) {
  return ap_check_cmd_context(cmd, NOT_IN_HTACCESS) != nullptr;
}

Place note_directive(cmd_parms* cmd, const DirConf* conf) {
  if (!in_htaccess(cmd) && cmd->path != nullptr) {
    apr_array_header_t* sections = main_conf().sections;
    const int last = sections->nelts - 1;
    if (last < 0 || element<Section>(sections, last).conf != conf) {
      push(sections, Section{conf, cmd->server});
    }
  }
  return {apr_pstrdup(cmd->pool, cmd->directive->filename), cmd->directive->line_num};
}

const char* set_keyring(cmd_parms* cmd, void* conf, const char* file) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->ring_place = note_directive(cmd, dir);
  dir->ring_file = nullptr;
  if (is_none(file)) return nullptr;
  if (const char* problem = unexpanded(cmd, file); problem != nullptr) return problem;
  dir->ring_file = ap_server_root_relative(cmd->pool, file);
  if (dir->ring_file == nullptr) {
    return apr_psprintf(cmd->pool, "SessionCryptoKeyring: \"%s\" is not a file name", file);
  }
  main_conf().has_ring_file = true;
  return nullptr;
}

const char* set_context(cmd_parms* cmd, void* conf, const char* text) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->context_place = note_directive(cmd, dir);
  dir->context = is_none(text) ? nullptr : text;
  if (strlen(text) > SEALRING_MAX_CONTEXT) {
    return apr_psprintf(cmd->pool,
                        "SessionCryptoContext: the context must not be longer than %d bytes",
                        SEALRING_MAX_CONTEXT);
  }
  return unexpanded(cmd, text);
}

const char* set_cipher(cmd_parms* cmd, void* conf, const char* name) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->cipher_place = note_directive(cmd, dir);
  for (const Cipher& cipher : kCiphers) {
    if (strcmp(cipher.name, name) != 0) continue;
    dir->algorithm = cipher.algorithm;
    return nullptr;
  }
  dir->algorithm = "";  // in .htaccess: which nothing is sealed or opened with
  return apr_psprintf(cmd->pool,
                      APLOGNO(01824) "SessionCryptoCipher: there is no cipher \"%s\"; there are aes256 (the "
                      "default), aes192, aes128 and 3des192",
                      name);
}

const char* set_legacy_until(cmd_parms* cmd, void* conf, const char* day) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->last_day_place = note_directive(cmd, dir);
  dir->last_day = nullptr;
  dir->passphrases_end = 0;
  if (is_none(day)) return nullptr;
  if (const char* problem = unexpanded(cmd, day); problem != nullptr) return problem;
  dir->last_day = day;
  if (sealring_end_of_day(day, &dir->passphrases_end) != SEALRING_OK) {
    return apr_psprintf(cmd->pool,
                        "SessionCryptoLegacyUntil: \"%s\" is not a day; write the last day (UTC) "
                        "on which sessions of passphrases open as YYYY-MM-DD, as in 2027-01-31",
                        day);
  }
  return nullptr;
}

const char* set_lifetime(cmd_parms* cmd, void* conf, const char* time) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->lifetime_place = note_directive(cmd, dir);
  dir->lifetime = 0;
  if (is_none(time)) return nullptr;
  if (const char* problem = unexpanded(cmd, time); problem != nullptr) return problem;
  apr_interval_time_t read = 0;
  const bool is_number = apr_isdigit(*time) != 0 && strspn(time, "0123456789") <= kMaxDigits;
  if (is_number && ap_timeout_parameter_parse(time, &read, "s") == APR_SUCCESS &&
      read >= APR_USEC_PER_SEC) {
    dir->lifetime = apr_time_sec(read);
    return nullptr;
  }
  return apr_psprintf(cmd->pool,
                      "SessionCryptoLifetime: \"%s\" is not a time of a second or more; write "
                      "seconds, or a number with its unit: 43200, 720min or 12h",
                      time);
}

const char* set_subject(cmd_parms* cmd, void* conf, const char* field) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->subject_place = note_directive(cmd, dir);
  dir->subject = nullptr;
  if (is_none(field)) return nullptr;
  if (const char* problem = unexpanded(cmd, field); problem != nullptr) return problem;
  if (sealring_session_is_reserved(field, strlen(field)) != 0) {
    return apr_psprintf(cmd->pool,
                        "SessionCryptoSubject: \"%s\" is not the name of a field that an "
                        "application can set",
                        field);
  }
  dir->subject = field;
  return nullptr;
}

const char* set_revocations(cmd_parms* cmd, void* conf, const char* file, const char* option,
                            const char* other_option) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->revocations_place = note_directive(cmd, dir);
  dir->revocations = nullptr;
  dir->agent = nullptr;
  dir->refuse_stale = false;
  if (is_none(file) && option == nullptr) return nullptr;
  if (const char* problem = unexpanded(cmd, file); problem != nullptr) return problem;
  dir->revocations = ap_server_root_relative(cmd->pool, file);
  if (dir->revocations == nullptr) {
    return apr_psprintf(cmd->pool, "SessionCryptoRevocations: \"%s\" is not a file name", file);
  }
  const char* wrong = !read_option(cmd, dir, option)         ? option
                      : !read_option(cmd, dir, other_option) ? other_option
                                                             : nullptr;
  if (wrong == nullptr) return nullptr;
  return apr_psprintf(cmd->pool,
                      "SessionCryptoRevocations: \"%s\" is neither agent=unix:PATH nor "
                      "stale=refuse",
                      wrong);
}

}  // namespace sealring::apache
