// SPDX-License-Identifier: Apache-2.0
// From directives to the settings of a location: inheritance, checks of combinations, and warnings
// about the old key.
#include "module.h"
#include "revocations.h"

namespace sealring::nginx {
namespace {

constexpr time_t kDefaultExpires = 86400;
constexpr time_t kSuggestedWindow = 30 * kDefaultExpires;

void inherit(Setting* own, const Setting& outer, ngx_uint_t level) {
  if (own->named) {
    own->level = level;
  } else {
    *own = outer;
  }
}

void inherit_all(LocationConf* own, const LocationConf& outer) {
  own->level = outer.level + 1;
  if (!own->context.named) own->context_value = outer.context_value;
  if (!own->legacy_until.named) own->legacy_end = outer.legacy_end;
  inherit(&own->key, outer.key, own->level);
  inherit(&own->iv, outer.iv, own->level);
  inherit(&own->keyring, outer.keyring, own->level);
  inherit(&own->context, outer.context, own->level);
  inherit(&own->legacy_until, outer.legacy_until, own->level);
  inherit(&own->revocations, outer.revocations, own->level);
  if (own->expires == NGX_CONF_UNSET) {
    own->expires = outer.expires == NGX_CONF_UNSET ? kDefaultExpires : outer.expires;
  }
}

// Tokens of the old key are not bound to a context. So a level with a ring does not inherit the key
// of an outer level, nor the last day of that key.
void drop_outer_key(ngx_conf_t* cf, LocationConf* own) {
  const bool dropped =
      own->key.is_set() && own->keyring.is_set() && own->key.level < own->keyring.level;
  if (dropped) {
    complain(NGX_LOG_WARN, cf, own->keyring,
             "encrypted_session_keyring: the encrypted_session_key of an outer level (%V:%ui) does "
             "not open tokens here. If it should, repeat it beside this line; if not, add "
             "\"encrypted_session_key off;\" beside this line",
             &own->key.file, own->key.line);
    ngx_str_null(&own->key.value);
  }
  const bool off = own->key.named && !own->key.is_set() && own->key.level == own->level;
  const bool outer_day = own->legacy_until.level < own->level;
  if ((dropped || off) && outer_day) {
    ngx_str_null(&own->legacy_until.value);
    own->legacy_end = 0;
  }
}

// A directive that has no effect is a mistake that would otherwise be noticed much later.
bool is_consistent(ngx_conf_t* cf, const LocationConf& conf, bool served) {
  const auto reject = [&](const Setting& about, const char* format, auto... arguments) {
    if (served) complain(NGX_LOG_EMERG, cf, about, format, arguments...);
    return false;
  };
  const bool key = conf.key.is_set();
  const bool keyring = conf.keyring.is_set();
  if (conf.legacy_until.is_set() && !keyring) {
    return reject(
        conf.legacy_until,
        "encrypted_session_legacy_until: no encrypted_session_keyring is in effect %s; add "
        "one or remove this line",
        key ? "beside it, so after that day nothing could seal or open" : "with it");
  }
  if (conf.legacy_until.is_set() && !key) {
    return reject(
        conf.legacy_until,
        "encrypted_session_legacy_until: no encrypted_session_key is in effect with it, so "
        "there are no old tokens to end; add the old key or remove this line");
  }
  // A context of an outer level may be meant for rings elsewhere.
  if (conf.context.is_set() && key && !keyring && conf.context.level >= conf.key.level) {
    return reject(conf.context,
                  "encrypted_session_context: tokens of encrypted_session_key cannot be bound to a "
                  "context; add encrypted_session_keyring or remove this line");
  }
  return true;
}

void warn_of_legacy_alone(ngx_conf_t* cf, const LocationConf& conf) {
  complain(NGX_LOG_WARN, cf, conf.key,
           "encrypted_session_key: tokens of this key are not authenticated: anyone who has a few "
           "of them can build others. Run \"sealring keyring init %Vsession.keys\" and add "
           "\"encrypted_session_keyring session.keys;\" beside this line",
           &cf->cycle->conf_prefix);
}

void warn_of_legacy_without_end(ngx_conf_t* cf, const LocationConf& conf) {
  char day[SEALRING_DAY_SIZE];
  if (sealring_day_of(ngx_time() + kSuggestedWindow, day) != SEALRING_OK) return;
  complain(NGX_LOG_WARN, cf, conf.key,
           "encrypted_session_key: tokens of this key still open, and anyone who has a few of "
           "them can build others. Set an end: add \"encrypted_session_legacy_until "
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
  MainConf* main = main_conf(cf);
  if (!conf.keyring.is_set()) {
    warn_once(&main->warned_of_legacy_alone, warn_of_legacy_alone, cf, conf);
  } else if (!conf.legacy_until.is_set()) {
    warn_once(&main->warned_of_legacy_without_end, warn_of_legacy_without_end, cf, conf);
  } else if (conf.legacy_end <= ngx_time()) {
    warn_once(&main->warned_of_legacy_ended, warn_of_legacy_ended, cf, conf);
  }
}

void warn_of_idle_context(ngx_conf_t* cf, const Setting& context) {
  complain(
      NGX_LOG_WARN, cf, context,
      "encrypted_session_context: no encrypted_session_keyring is in effect with it, so nothing "
      "can be sealed or opened; add one or remove this line");
}

// Most locations do not use a context at http level. It is a mistake where values are sealed or
// opened, or if the configuration has no ring at all, which is not known yet.
void note_idle_context(ngx_conf_t* cf, const LocationConf& conf) {
  MainConf* main = main_conf(cf);
  if (!main->idle_context.is_set()) main->idle_context = conf.context;
  if (!conf.seals_or_opens || main->warned_of_idle_context) return;
  warn_of_idle_context(cf, conf.context);
  main->warned_of_idle_context = true;
}

// A location in a list of locations, as nginx has it.
[[maybe_unused]] const ngx_http_core_loc_conf_t* conf_of(const ngx_http_core_loc_conf_t* location) {
  return location;
}

// And as Angie does.
template <typename Location>
const ngx_http_core_loc_conf_t* conf_of(const Location* location) {
  return location->conf;
}

}  // namespace

bool is_served(ngx_conf_t* cf) {
  const auto* core = static_cast<ngx_http_core_loc_conf_t*>(
      ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  if (core->locations == nullptr) return true;
  for (ngx_queue_t* at = ngx_queue_head(core->locations); at != ngx_queue_sentinel(core->locations);
       at = ngx_queue_next(at)) {
    const auto* entry = reinterpret_cast<const ngx_http_location_queue_t*>(at);
    const auto* inner = entry->exact != nullptr ? entry->exact : entry->inclusive;
    if (conf_of(inner)->noname == 0) return false;  // not an `if` or a limit_except
  }
  return true;
}

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
  drop_outer_key(cf, conf);
  const bool served = conf->seals_or_opens || is_served(cf);
  if (!is_consistent(cf, *conf, served)) {
    return served ? static_cast<char*>(NGX_CONF_ERROR) : NGX_CONF_OK;
  }
  if (!conf->key.is_set() && !conf->keyring.is_set()) {
    if (conf->context.is_set() && served) note_idle_context(cf, *conf);
    return NGX_CONF_OK;
  }

  Ring* ring = ring_for(cf, *conf);
  if (ring == nullptr) return static_cast<char*>(NGX_CONF_ERROR);
  RevocationList* list = nullptr;
  if (conf->revocations.is_set()) {
    list = list_for(cf, "encrypted_session_revocations", conf->revocations);
    if (list == nullptr) return static_cast<char*>(NGX_CONF_ERROR);
  }
  conf->sealer = sealer_for(cf, ring, list, false);
  if (conf->sealer == nullptr) return static_cast<char*>(NGX_CONF_ERROR);
  if (served) warn_of_legacy(cf, *conf);
  return NGX_CONF_OK;
}

ngx_int_t finish_configuration(ngx_conf_t* cf) {
  const MainConf* main = main_conf(cf);
  if (main->rings == nullptr && main->idle_context.is_set() && !main->warned_of_idle_context) {
    warn_of_idle_context(cf, main->idle_context);
  }
  return NGX_OK;
}

}  // namespace sealring::nginx
