// SPDX-License-Identifier: Apache-2.0
// From directives to what a location uses: inheritance, the checks of directives against one
// another, and what the operator should hear about the old key.
#include "module.h"

namespace sealring::nginx {
namespace {

constexpr time_t kDefaultExpires = 86400;
constexpr time_t kSuggestedWindow = 30 * kDefaultExpires;

void inherit(Setting* own, const Setting& outer) {
  if (!own->is_set()) *own = outer;
}

void inherit_all(LocationConf* own, const LocationConf& outer) {
  if (!own->context.is_set()) own->context_value = outer.context_value;
  if (!own->legacy_until.is_set()) own->legacy_end = outer.legacy_end;
  inherit(&own->key, outer.key);
  inherit(&own->iv, outer.iv);
  inherit(&own->keyring, outer.keyring);
  inherit(&own->context, outer.context);
  inherit(&own->legacy_until, outer.legacy_until);
  if (own->expires == NGX_CONF_UNSET) {
    own->expires = outer.expires == NGX_CONF_UNSET ? kDefaultExpires : outer.expires;
  }
}

// A directive that can do nothing where it stands is a mistake that would show much later.
bool is_consistent(ngx_conf_t* cf, const LocationConf& conf) {
  const bool key = conf.key.is_set();
  const bool keyring = conf.keyring.is_set();
  if (conf.legacy_until.is_set() && !keyring) {
    complain(NGX_LOG_EMERG, cf, conf.legacy_until,
             "encrypted_session_legacy_until: no encrypted_session_keyring is in effect %s; add "
             "one or remove this line",
             key ? "beside it, so after that day nothing could seal or open" : "with it");
    return false;
  }
  if (conf.legacy_until.is_set() && !key) {
    complain(NGX_LOG_EMERG, cf, conf.legacy_until,
             "encrypted_session_legacy_until: no encrypted_session_key is in effect with it, so "
             "there are no old tokens to end; add the old key or remove this line");
    return false;
  }
  if (conf.context.is_set() && key && !keyring) {
    complain(NGX_LOG_EMERG, cf, conf.context,
             "encrypted_session_context: tokens of encrypted_session_key alone cannot be bound to "
             "a context; add encrypted_session_keyring or remove this line");
    return false;
  }
  return true;
}

void warn_of_legacy_alone(ngx_conf_t* cf, const LocationConf& conf) {
  complain(NGX_LOG_WARN, cf, conf.key,
           "encrypted_session_key: tokens of this key alone are not authenticated: whoever has a "
           "few of them can build others. Run \"sealring keyring init %Vsession.keys\" and add "
           "\"encrypted_session_keyring session.keys;\" beside this line",
           &cf->cycle->conf_prefix);
}

void warn_of_legacy_without_end(ngx_conf_t* cf, const LocationConf& conf) {
  char day[SEALRING_DAY_SIZE];
  if (sealring_day_of(ngx_time() + kSuggestedWindow, day) != SEALRING_OK) return;
  complain(NGX_LOG_WARN, cf, conf.key,
           "encrypted_session_key: tokens of this key still open, and whoever has a few of them "
           "can build others. Let that end: add \"encrypted_session_legacy_until "
           "%s;\" beside this line",
           day);
}

void warn_of_legacy_ended(ngx_conf_t* cf, const LocationConf& conf) {
  complain(NGX_LOG_WARN, cf, conf.legacy_until,
           "encrypted_session_legacy_until: %V has passed and tokens of encrypted_session_key no "
           "longer open; remove encrypted_session_key, encrypted_session_iv and this line",
           &conf.legacy_until.value);
}

void warn_once(bool* warned, void (*warn)(ngx_conf_t*, const LocationConf&), ngx_conf_t* cf,
               const LocationConf& conf) {
  if (!*warned) warn(cf, conf);
  *warned = true;
}

void warn_of_legacy(ngx_conf_t* cf, const LocationConf& conf) {
  if (!conf.key.is_set()) return;
  auto* main = static_cast<MainConf*>(
      ngx_http_conf_get_module_main_conf(cf, ngx_http_encrypted_session_module));
  if (!conf.keyring.is_set()) {
    warn_once(&main->warned_of_legacy_alone, warn_of_legacy_alone, cf, conf);
  } else if (!conf.legacy_until.is_set()) {
    warn_once(&main->warned_of_legacy_without_end, warn_of_legacy_without_end, cf, conf);
  } else if (conf.legacy_end <= ngx_time()) {
    warn_once(&main->warned_of_legacy_ended, warn_of_legacy_ended, cf, conf);
  }
}

}  // namespace

void* create_main_conf(ngx_conf_t* cf) {
  return ngx_pcalloc(cf->pool, sizeof(MainConf));
}

void* create_location_conf(ngx_conf_t* cf) {
  auto* conf = static_cast<LocationConf*>(ngx_pcalloc(cf->pool, sizeof(LocationConf)));
  if (conf != nullptr) conf->expires = NGX_CONF_UNSET;
  return conf;
}

char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child) {
  auto* conf = static_cast<LocationConf*>(child);
  inherit_all(conf, *static_cast<LocationConf*>(parent));
  if (!is_consistent(cf, *conf)) return static_cast<char*>(NGX_CONF_ERROR);
  if (!conf->key.is_set() && !conf->keyring.is_set()) return NGX_CONF_OK;

  conf->ring = ring_for(cf, *conf);
  if (conf->ring == nullptr) return static_cast<char*>(NGX_CONF_ERROR);
  warn_of_legacy(cf, *conf);
  return NGX_CONF_OK;
}

}  // namespace sealring::nginx
