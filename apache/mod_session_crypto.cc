// SPDX-License-Identifier: Apache-2.0
// The tables that make the module known to httpd.
#include <http_core.h>

#include "revocations.h"

namespace {

using namespace sealring::apache;

constexpr int kEverywhere = RSRC_CONF | OR_AUTHCFG;
// Not in .htaccess files: their authors could read what the ring of others sealed.
constexpr int kSections = RSRC_CONF | ACCESS_CONF;

const command_rec commands[] = {
    AP_INIT_ITERATE("SessionCryptoPassphrase", reported<add_passphrase>, nullptr, kEverywhere,
                    "passphrases: the first seals unless there is a key ring, all open"),
    AP_INIT_TAKE1("SessionCryptoPassphraseFile", reported<add_passphrase_file>, nullptr, kSections,
                  "a file of passphrases: as with SessionCryptoPassphrase"),
    AP_INIT_TAKE1("SessionCryptoCipher", reported<set_cipher>, nullptr, kEverywhere,
                  "the cipher of passphrases: aes256, aes192, aes128 or 3des192"),
    AP_INIT_RAW_ARGS("SessionCryptoDriver", reported<set_driver>, nullptr, RSRC_CONF,
                     "the crypto library, and its parameters"),
    AP_INIT_TAKE1("SessionCryptoKeyring", reported<set_keyring>, nullptr, kSections,
                  "the key ring file to seal and open with"),
    AP_INIT_TAKE1("SessionCryptoContext", reported<set_context>, nullptr, kSections,
                  "what sessions are for: with a key ring, they open in this context only"),
    AP_INIT_TAKE1("SessionCryptoLegacyUntil", reported<set_legacy_until>, nullptr, kSections,
                  "the last day (UTC) on which passphrases open, as YYYY-MM-DD"),
    AP_INIT_TAKE1("SessionCryptoLifetime", reported<set_lifetime>, nullptr, kSections,
                  "how long a session of a key ring lasts after its sign-in, however active"),
    AP_INIT_TAKE1("SessionCryptoSubject", reported<set_subject>, nullptr, kSections,
                  "the field that says whose session it is"),
    AP_INIT_TAKE123("SessionCryptoRevocations", reported<set_revocations>, nullptr, kSections,
                    "the list of sessions that are refused, agent=unix:PATH, stale=refuse"),
    {},
};

// The first pass of a start, and configtest: what is wrong is on the terminal.
int check_in_first_pass(apr_pool_t* pool, apr_pool_t*, apr_pool_t*, server_rec* main) {
  return !is_first_pass() || check_configuration(main, pool) ? OK : HTTP_INTERNAL_SERVER_ERROR;
}

void log_warnings(apr_pool_t* pool, server_rec* main) {
  warn_of_htaccess(main, pool);
  warn_of_unreadable_rings(pool);
  warn_of_unreadable_lists(pool);
  log_all_warnings(main);
}

// The second pass, whose logs are open by now, and each reload.
int start(apr_pool_t* pool, apr_pool_t*, apr_pool_t*, server_rec* main) {
  if (is_first_pass()) return OK;
  if (const char* problem = main_conf().problem; problem != nullptr) {
    ap_log_error(APLOG_MARK, APLOG_EMERG, 0, main, "%s", problem);
    return HTTP_INTERNAL_SERVER_ERROR;
  }
  if (!check_configuration(main, pool) || !share_lists(main) || !share_counters(main))
    return HTTP_INTERNAL_SERVER_ERROR;
  warn_of_nss_that_is_there(pool);
  log_warnings(pool, main);
  ap_log_error(APLOG_MARK, APLOG_INFO, 0, main,
               APLOGNO(01849) "The crypto library '%s' was loaded successfully", driver_name(pool));
  return OK;
}

void finish_test(apr_pool_t* pool, server_rec* main) {
  log_warnings(pool, main);
}

void register_hooks(apr_pool_t*) {
  ap_hook_check_config(check_in_first_pass, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_test_config(finish_test, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_post_config(start, nullptr, nullptr, APR_HOOK_LAST);
  ap_hook_child_init(start_child, nullptr, nullptr, APR_HOOK_MIDDLE);
  register_session_hooks();
  register_cookie_hooks();
  register_agent_hooks();
  register_status_handler();
}

}  // namespace

// STANDARD20_MODULE_STUFF, but with the file name by which <IfModule> knows the original.
__attribute__((visibility("default"))) module session_crypto_module = {
    MODULE_MAGIC_NUMBER_MAJOR,
    MODULE_MAGIC_NUMBER_MINOR,
    -1,
    "mod_session_crypto.c",
    nullptr,
    nullptr,
    MODULE_MAGIC_COOKIE,
    nullptr,
    create_dir_conf,
    merge_dir_conf,
    create_main_conf,
    nullptr,  // merge server configuration
    commands,
    register_hooks,
    0,
};
