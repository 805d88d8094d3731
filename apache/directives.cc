// SPDX-License-Identifier: Apache-2.0
// The directives that set one value: syntax and bounds.
#include <apr_strings.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

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

}  // namespace

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
  dir->keys.ring_file = ap_server_root_relative(cmd->pool, file);
  if (dir->keys.ring_file == nullptr) {
    return apr_psprintf(cmd->pool, "SessionCryptoKeyring: \"%s\" is not a file name", file);
  }
  main_conf().has_ring_file = true;
  return nullptr;
}

const char* set_context(cmd_parms* cmd, void* conf, const char* text) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->context_place = note_directive(cmd, dir);
  if (strlen(text) > SEALRING_MAX_CONTEXT) {
    return apr_psprintf(cmd->pool,
                        "SessionCryptoContext: the context must not be longer than %d bytes",
                        SEALRING_MAX_CONTEXT);
  }
  dir->context = text;
  return nullptr;
}

const char* set_cipher(cmd_parms* cmd, void* conf, const char* name) {
  auto* dir = static_cast<DirConf*>(conf);
  note_directive(cmd, dir);
  for (const Cipher& cipher : kCiphers) {
    if (strcmp(cipher.name, name) != 0) continue;
    dir->keys.algorithm = cipher.algorithm;
    return nullptr;
  }
  return apr_psprintf(cmd->pool,
                      "SessionCryptoCipher: there is no cipher \"%s\"; there are aes256 (the "
                      "default), aes192, aes128 and 3des192",
                      name);
}

const char* set_legacy_until(cmd_parms* cmd, void* conf, const char* day) {
  auto* dir = static_cast<DirConf*>(conf);
  dir->last_day_place = note_directive(cmd, dir);
  dir->last_day = day;
  if (sealring_end_of_day(day, &dir->keys.passphrases_end) != SEALRING_OK) {
    return apr_psprintf(cmd->pool,
                        "SessionCryptoLegacyUntil: \"%s\" is not a day; write the last day (UTC) "
                        "on which sessions of passphrases open as YYYY-MM-DD, as in 2027-01-31",
                        day);
  }
  return nullptr;
}

// NAME [PARAMETER...], as the original has it; the C ABI's way to write it is NAME:PARAMETER,...
const char* set_driver(cmd_parms* cmd, void*, const char* arguments) {
  const char* error = ap_check_cmd_context(cmd, GLOBAL_ONLY);
  if (error != nullptr) return error;
  const char* driver = ap_getword_conf(cmd->pool, &arguments);
  const char* separator = ":";
  while (*arguments != '\0') {
    driver =
        apr_pstrcat(cmd->pool, driver, separator, ap_getword_conf(cmd->pool, &arguments), nullptr);
    separator = ",";
  }
  sealring_error reason = SEALRING_INIT(sealring_error);
  if (sealring_driver_check(driver, &reason) != SEALRING_OK) {
    return apr_psprintf(cmd->pool, "SessionCryptoDriver: %s", reason.message);
  }
  main_conf().driver = driver;
  return nullptr;
}

}  // namespace sealring::apache
