// SPDX-License-Identifier: Apache-2.0
// From the directives for sessions to the settings of a location. Rings and profiles are found when
// the whole configuration is merged, because the module for tokens may be merged after this one.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

constexpr time_t kDefaultIdle = 1800;
constexpr time_t kDefaultLifetime = 43200;

bool same_options(const sealring_session_options& a, const sealring_session_options& b) {
  return same_text(a.cookie, b.cookie) && same_text(a.path, b.path) &&
         same_text(a.domain, b.domain) && same_text(a.same_site, b.same_site) &&
         a.insecure == b.insecure && a.partitioned == b.partitioned && a.parts == b.parts &&
         same_text(a.context, b.context) && same_text(a.subject, b.subject) && a.idle == b.idle &&
         a.lifetime == b.lifetime && a.renew == b.renew;
}

sealring_session_options options_of(const SessionConf& conf) {
  sealring_session_options options = SEALRING_INIT(sealring_session_options);
  options.cookie = conf.cookie.name;
  options.path = conf.cookie.path;
  options.domain = conf.cookie.domain;
  options.same_site = conf.cookie.same_site;
  options.insecure = conf.cookie.insecure != 0;
  options.partitioned = conf.cookie.partitioned != 0;
  options.parts = conf.cookie.parts;
  options.context = text_of(conf.context);
  options.subject = text_of(conf.subject);
  options.idle = conf.idle;
  options.lifetime = conf.lifetime;
  options.renew = conf.renew;
  return options;
}

void free_profile(void* data) {
  sealring_session_profile_free(static_cast<sealring_session_profile*>(data));
}

Kind* make_kind(ngx_conf_t* cf, const SessionConf& conf, const sealring_session_options& options,
                Sealer* sealer) {
  auto* kind = static_cast<Kind*>(ngx_pcalloc(cf->pool, sizeof(Kind)));
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, 0);
  if (kind == nullptr || cleanup == nullptr) return nullptr;
  sealring_error error = SEALRING_INIT(sealring_error);
  if (sealring_session_profile_new(&options, &kind->profile, &error) != SEALRING_OK) {
    const bool cookie = conf.cookie_place.named;
    complain(NGX_LOG_EMERG, cf, cookie ? conf.cookie_place : conf.place, "%s: %s",
             cookie ? "session_cookie" : "session", error.message);
    return nullptr;
  }
  cleanup->handler = free_profile;
  cleanup->data = kind->profile;
  kind->options = options;
  kind->binding = binding_options_of(conf);
  kind->sealer = sealer;
  return bind_profile(cf, conf, kind) ? kind : nullptr;
}

const Setting& keyring_of(const SessionConf& conf) {
  return static_cast<LocationConf*>(
             conf.configurations->loc_conf[ngx_http_encrypted_session_module.ctx_index])
      ->keyring;
}

// Sessions use only a ring from a file. Tokens of the old key are not bound to a context, so one
// that an application made from a user's text would be a session.
Sealer* sealer_of(ngx_conf_t* cf, const SessionConf& conf) {
  LocationConf keyring = {};
  keyring.keyring = keyring_of(conf);
  Ring* ring = ring_for(cf, keyring);
  if (ring == nullptr) return nullptr;
  if (!conf.revocations.is_set()) return sealer_for(cf, ring, nullptr, false);
  RevocationList* list = list_for(cf, "session_revocations", conf.revocations);
  if (list == nullptr || !set_agent(cf, list, conf.revocations, conf.agent)) return nullptr;
  return sealer_for(cf, ring, list, conf.refuse_stale);
}

Kind* kind_for(ngx_conf_t* cf, const SessionConf& conf) {
  Sealer* sealer = sealer_of(cf, conf);
  if (sealer == nullptr) return nullptr;
  SessionMainConf* main = session_main_conf(cf);
  const sealring_session_options options = options_of(conf);
  const sealring_binding_options binding = binding_options_of(conf);
  for (Kind* kind = main->kinds; kind != nullptr; kind = kind->next) {
    if (kind->sealer == sealer && same_options(kind->options, options) &&
        same_binding(kind->binding, binding)) {
      return kind;
    }
  }
  Kind* kind = make_kind(cf, conf, options, sealer);
  if (kind == nullptr) return nullptr;
  warn_of_kind(cf, conf);
  kind->next = main->kinds;
  main->kinds = kind;
  return kind;
}

// A level that contains others may leave the key ring to them. A request that it serves itself
// without a ring is an error.
ngx_int_t finish(ngx_conf_t* cf, SessionConf* conf) {
  if (keyring_of(*conf).is_set()) {
    conf->kind = kind_for(cf, *conf);
    if (conf->kind == nullptr || !add_binding(cf, *conf)) return NGX_ERROR;
    warn_of_return(cf, *conf);
    return NGX_OK;
  }
  if (!conf->served) return NGX_OK;
  complain(NGX_LOG_EMERG, cf, conf->place,
           "session: no encrypted_session_keyring is in effect with it. Run \"sealring keyring "
           "init %Vsession.keys\" and add \"encrypted_session_keyring session.keys;\" beside "
           "this line",
           &cf->cycle->conf_prefix);
  return NGX_ERROR;
}

bool has_requirements(const SessionConf& conf) {
  return conf.requirements != nullptr && conf.requirements->nelts != 0;
}

// A requirement is checked by sessions, so without them it would let everybody in. Where they are
// "off" by a directive, that is meant.
bool has_sessions_for_requirements(ngx_conf_t* cf, const SessionConf& conf) {
  if (!conf.served || !has_requirements(conf) || conf.place.named) return true;
  complain(NGX_LOG_EMERG, cf, conf.require_place,
           "session_require: sessions are not on here, so everybody would get in; add \"session "
           "on;\", or \"session_require off;\" where anybody may");
  return false;
}

void inherit_place(Setting* own, const Setting& outer) {
  if (!own->named) *own = outer;
}

// nginx makes a location without a name of each `if` and `limit_except`.
bool is_nameless(ngx_conf_t* cf) {
  const auto* core = static_cast<const ngx_http_core_loc_conf_t*>(
      ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module));
  return core->noname != 0;
}

}  // namespace

void* create_session_main_conf(ngx_conf_t* cf) {
  return ngx_pcalloc(cf->pool, sizeof(SessionMainConf));
}

void* create_session_conf(ngx_conf_t* cf) {
  auto* conf = static_cast<SessionConf*>(ngx_pcalloc(cf->pool, sizeof(SessionConf)));
  if (conf == nullptr) return nullptr;
  conf->on = NGX_CONF_UNSET;
  conf->idle = NGX_CONF_UNSET;
  conf->lifetime = NGX_CONF_UNSET;
  conf->renew = NGX_CONF_UNSET;
  conf->activity = NGX_CONF_UNSET;
  conf->pass_cookie = NGX_CONF_UNSET;
  return conf;
}

// session_end applies only to its own location, not to locations inside it that have a name.
char* merge_session_conf(ngx_conf_t* cf, void* parent, void* child) {
  const auto* outer = static_cast<const SessionConf*>(parent);
  auto* conf = static_cast<SessionConf*>(child);
  ngx_conf_merge_value(conf->on, outer->on, 0);
  inherit_place(&conf->place, outer->place);
  if (!conf->cookie_place.named) conf->cookie = outer->cookie;
  inherit_place(&conf->cookie_place, outer->cookie_place);
  if (conf->context.data == nullptr) conf->context = outer->context;
  if (conf->subject.data == nullptr) conf->subject = outer->subject;
  ngx_conf_merge_value(conf->idle, outer->idle, kDefaultIdle);
  ngx_conf_merge_value(conf->lifetime, outer->lifetime, kDefaultLifetime);
  ngx_conf_merge_value(conf->renew, outer->renew, 0);
  if (conf->header.data == nullptr) conf->header = outer->header;
  if (conf->fields_to_set == nullptr) conf->fields_to_set = outer->fields_to_set;
  if (conf->requirements == nullptr) conf->requirements = outer->requirements;
  inherit_place(&conf->require_place, outer->require_place);
  if (!conf->revocations.named) {
    conf->revocations = outer->revocations;
    conf->agent = outer->agent;
    conf->refuse_stale = outer->refuse_stale;
  }
  if (!conf->binding_place.named) conf->binding = outer->binding;
  inherit_place(&conf->binding_place, outer->binding_place);
  if (conf->login == nullptr) conf->login = outer->login;
  if (is_nameless(cf)) conf->end |= outer->end;
  ngx_conf_merge_value(conf->activity, outer->activity, 1);
  ngx_conf_merge_value(conf->pass_cookie, outer->pass_cookie, 0);

  auto* context =
      static_cast<ngx_http_conf_ctx_t*>(ngx_palloc(cf->pool, sizeof(ngx_http_conf_ctx_t)));
  if (context == nullptr) return static_cast<char*>(NGX_CONF_ERROR);
  *context = *static_cast<ngx_http_conf_ctx_t*>(cf->ctx);
  conf->configurations = context;
  conf->served = is_served(cf);
  SessionMainConf* main = session_main_conf(cf);
  conf->next = main->confs;
  main->confs = conf;
  return NGX_CONF_OK;
}

ngx_int_t finish_session_configuration(ngx_conf_t* cf) {
  SessionMainConf* main = session_main_conf(cf);
  ngx_str_t name = literal("http_cookie");
  main->http_cookie = ngx_http_get_variable_index(cf, &name);
  if (main->http_cookie == NGX_ERROR) return NGX_ERROR;
  for (SessionConf* conf = main->confs; conf != nullptr; conf = conf->next) {
    if (conf->on != 0 && finish(cf, conf) != NGX_OK) return NGX_ERROR;
    if (conf->on == 0 && !has_sessions_for_requirements(cf, *conf)) return NGX_ERROR;
  }
  note_sessions_without_tls(cf);
  return NGX_OK;
}

bool uses_sessions(ngx_conf_t* cf) {
  for (const SessionConf* conf = session_main_conf(cf)->confs; conf != nullptr; conf = conf->next) {
    if (conf->on != 0 || has_requirements(*conf)) return true;
  }
  return false;
}

}  // namespace sealring::nginx
