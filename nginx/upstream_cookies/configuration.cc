// SPDX-License-Identifier: Apache-2.0
// From the directives for the cookies of applications to the settings of a location. Key rings and
// policies are found when the whole configuration is merged, because the other modules may be
// merged after this one.
#include <string.h>

#include "upstream_cookies.h"

namespace sealring::nginx {
namespace {

constexpr time_t kSuggestedWindow = 30 * 86400;

template <typename Conf>
const Conf* conf_of(const CookiesConf& conf, const ngx_module_t& module) {
  return static_cast<const Conf*>(conf.configurations->loc_conf[module.ctx_index]);
}

bool contains(const ngx_array_t& names, const char* name) {
  const auto* known = static_cast<const char* const*>(names.elts);
  for (ngx_uint_t i = 0; i < names.nelts; ++i) {
    if (strcmp(known[i], name) == 0) return true;
  }
  return false;
}

// They were added in the same order.
bool same_names(const ngx_array_t& a, const ngx_array_t& b) {
  if (a.nelts != b.nelts) return false;
  for (ngx_uint_t i = 0; i < a.nelts; ++i) {
    const auto* x = static_cast<const char* const*>(a.elts);
    const auto* y = static_cast<const char* const*>(b.elts);
    if (strcmp(x[i], y[i]) != 0) return false;
  }
  return true;
}

// The cookies of the sessions of a whole server: browsers send them to locations without sessions
// too, and the server answers devices before it looks for a location. Null: there is no memory.
const ngx_array_t* sessions_of(ngx_conf_t* cf, void* const* server) {
  ngx_array_t* names = ngx_array_create(cf->pool, 1, sizeof(const char*));
  if (names == nullptr) return nullptr;
  for (const SessionConf* conf = session_main_conf(cf)->confs; conf != nullptr; conf = conf->next) {
    if (conf->kind == nullptr || conf->configurations->srv_conf != server) continue;
    const char* name = name_of_session(*conf->kind);
    if (contains(*names, name)) continue;
    auto* added = static_cast<const char**>(ngx_array_push(names));
    if (added == nullptr) return nullptr;
    *added = name;
  }
  return names;
}

int matches(const void* data, const char* name, size_t size) {
#if (NGX_PCRE)
  const auto* patterns = static_cast<const ngx_array_t*>(data);
  auto* const* pattern = static_cast<ngx_regex_t* const*>(patterns->elts);
  ngx_str_t text = {size, reinterpret_cast<u_char*>(const_cast<char*>(name))};
  for (ngx_uint_t i = 0; i < patterns->nelts; ++i) {
    // If that fails, nobody knows whether it matches.
    if (ngx_regex_exec(pattern[i], &text, nullptr, 0) != NGX_REGEX_NO_MATCHED) return 1;
  }
#else
  (void)data, (void)name, (void)size;
#endif
  return 0;
}

void free_policy(void* data) {
  sealring_cookies_policy_free(static_cast<sealring_cookies_policy*>(data));
}

bool make_policy(ngx_conf_t* cf, const CookiesConf& conf, CookiesKind* kind) {
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(cf->pool, 0);
  if (cleanup == nullptr) return false;
  const CookieChoice& choice = *kind->choice;
  sealring_cookies_options options = SEALRING_INIT(sealring_cookies_options);
  options.context = kind->context;
  if (choice.names != nullptr) {
    options.names = static_cast<const char* const*>(choice.names->elts);
    options.name_count = choice.names->nelts;
  }
  if (choice.patterns != nullptr) options.matches = matches;
  options.match_data = choice.patterns;
  options.http_only = choice.http_only;
  options.all = choice.all;
  options.mode = kind->mode;
  options.accept_plain_until = kind->accept_plain_until;
  options.sessions = static_cast<const char* const*>(kind->sessions->elts);
  options.session_count = kind->sessions->nelts;
  sealring_error error = SEALRING_INIT(sealring_error);
  if (sealring_cookies_policy_new(&options, &kind->policy, &error) != SEALRING_OK) {
    complain(NGX_LOG_EMERG, cf, conf.place, "sealed_cookies: %s", error.message);
    return false;
  }
  cleanup->handler = free_policy;
  cleanup->data = kind->policy;
  return true;
}

void warn_of_plain(ngx_conf_t* cf, const CookiesConf& conf) {
  CookiesMainConf* main = cookies_main_conf(cf);
  if (conf.mode != SEALRING_COOKIES_MIGRATE) return;
  if (conf.accept_plain_until == 0 && !main->warned_of_plain) {
    char day[SEALRING_DAY_SIZE];
    if (sealring_day_of(ngx_time() + kSuggestedWindow, day) != SEALRING_OK) return;
    complain(NGX_LOG_WARN, cf, conf.place,
             "sealed_cookies: plain cookies still pass, and anyone can forge them. Set an end: add "
             "\"sealed_cookies_accept_plain_until %s;\" beside this line",
             day);
    main->warned_of_plain = true;
  } else if (conf.accept_plain_until != 0 && conf.accept_plain_until <= ngx_time() &&
             !main->warned_of_plain_ended) {
    complain(
        NGX_LOG_WARN, cf, conf.plain_place,
        "sealed_cookies_accept_plain_until: %V has passed and plain cookies are cut out; write "
        "\"sealed_cookies_mode enforce;\" and remove this line",
        &conf.plain_place.value);
    main->warned_of_plain_ended = true;
  }
}

void warn_of_http_only(ngx_conf_t* cf, const CookiesConf& conf) {
  const CookieChoice& choice = *conf.choice;
  CookiesMainConf* main = cookies_main_conf(cf);
  const bool alone =
      choice.http_only && !choice.all && choice.names == nullptr && choice.patterns == nullptr;
  if (!alone || conf.mode != SEALRING_COOKIES_ENFORCE || main->warned_of_http_only) return;
  complain(
      NGX_LOG_WARN, cf, conf.place,
      "sealed_cookies: with httponly alone, plain cookies pass, because a request does not say "
      "which cookies were set with HttpOnly. Add the names of those that nobody must forge, as "
      "in \"sealed_cookies httponly PHPSESSID;\"");
  main->warned_of_http_only = true;
}

CookiesKind* kind_for(ngx_conf_t* cf, const CookiesConf& conf, const ngx_array_t* sessions,
                      Sealer* sealer) {
  CookiesMainConf* main = cookies_main_conf(cf);
  const CookiesKind wanted = {conf.choice,
                              text_of(conf.context),
                              static_cast<int32_t>(conf.mode),
                              conf.mode == SEALRING_COOKIES_MIGRATE ? conf.accept_plain_until : 0,
                              sessions,
                              sealer,
                              nullptr,
                              main->kinds};
  for (CookiesKind* kind = main->kinds; kind != nullptr; kind = kind->next) {
    if (kind->choice == wanted.choice && kind->context == wanted.context &&
        kind->mode == wanted.mode && kind->accept_plain_until == wanted.accept_plain_until &&
        same_names(*kind->sessions, *sessions) && kind->sealer == wanted.sealer) {
      return kind;
    }
  }
  auto* kind = static_cast<CookiesKind*>(ngx_pcalloc(cf->pool, sizeof(CookiesKind)));
  if (kind == nullptr) return nullptr;
  *kind = wanted;
  if (!make_policy(cf, conf, kind)) return nullptr;
  warn_of_plain(cf, conf);
  warn_of_http_only(cf, conf);
  main->kinds = kind;
  return kind;
}

// A level that contains others may leave the key ring and the context to them.
ngx_int_t finish(ngx_conf_t* cf, CookiesConf* conf, const ngx_array_t* sessions) {
  const auto reject = [&](const char* format, auto... arguments) {
    if (!conf->served) return NGX_OK;
    complain(NGX_LOG_EMERG, cf, conf->place, format, arguments...);
    return NGX_ERROR;
  };
  LocationConf keyring = {};
  keyring.keyring = conf_of<LocationConf>(*conf, ngx_http_encrypted_session_module)->keyring;
  if (!keyring.keyring.is_set()) {
    return reject(
        "sealed_cookies: no encrypted_session_keyring is in effect with it. Run \"sealring keyring "
        "init %Vsession.keys\" and add \"encrypted_session_keyring session.keys;\" beside this "
        "line",
        &cf->cycle->conf_prefix);
  }
  if (conf->context.data == nullptr) {
    return reject(
        "sealed_cookies: say which application these cookies are of, so that no cookie of another "
        "one opens here: add \"sealed_cookies_context shop;\" beside this line");
  }
  Ring* ring = ring_for(cf, keyring);
  Sealer* sealer = ring != nullptr ? sealer_for(cf, ring, nullptr, false) : nullptr;
  conf->kind = sealer != nullptr ? kind_for(cf, *conf, sessions, sealer) : nullptr;
  return conf->kind != nullptr ? NGX_OK : NGX_ERROR;
}

void inherit_place(Setting* own, const Setting& outer) {
  if (!own->named) *own = outer;
}

}  // namespace

void* create_cookies_main_conf(ngx_conf_t* cf) {
  return ngx_pcalloc(cf->pool, sizeof(CookiesMainConf));
}

void* create_cookies_conf(ngx_conf_t* cf) {
  auto* conf = static_cast<CookiesConf*>(ngx_pcalloc(cf->pool, sizeof(CookiesConf)));
  if (conf == nullptr) return nullptr;
  conf->mode = NGX_CONF_UNSET_UINT;
  conf->refuse = NGX_CONF_UNSET_UINT;
  return conf;
}

char* merge_cookies_conf(ngx_conf_t* cf, void* parent, void* child) {
  const auto* outer = static_cast<const CookiesConf*>(parent);
  auto* conf = static_cast<CookiesConf*>(child);
  if (!conf->place.named) conf->choice = outer->choice;
  inherit_place(&conf->place, outer->place);
  if (conf->context.data == nullptr) conf->context = outer->context;
  constexpr ngx_uint_t kDefaultMode = SEALRING_COOKIES_ENFORCE;
  ngx_conf_merge_uint_value(conf->mode, outer->mode, kDefaultMode);
  ngx_conf_merge_uint_value(conf->refuse, outer->refuse, 0);
  const bool has_day = conf->plain_place.named && conf->accept_plain_until != 0;
  if (has_day && conf->mode != SEALRING_COOKIES_MIGRATE) {
    complain(NGX_LOG_EMERG, cf, conf->plain_place,
             "sealed_cookies_accept_plain_until: plain cookies pass for a time only with "
             "\"sealed_cookies_mode migrate;\"; add it beside this line, or remove this line");
    return static_cast<char*>(NGX_CONF_ERROR);
  }
  if (!conf->plain_place.named) conf->accept_plain_until = outer->accept_plain_until;
  inherit_place(&conf->plain_place, outer->plain_place);

  auto* context =
      static_cast<ngx_http_conf_ctx_t*>(ngx_palloc(cf->pool, sizeof(ngx_http_conf_ctx_t)));
  if (context == nullptr) return static_cast<char*>(NGX_CONF_ERROR);
  *context = *static_cast<ngx_http_conf_ctx_t*>(cf->ctx);
  conf->configurations = context;
  conf->served = is_served(cf);
  CookiesMainConf* main = cookies_main_conf(cf);
  conf->next = main->confs;
  main->confs = conf;
  return NGX_CONF_OK;
}

ngx_int_t finish_cookies_configuration(ngx_conf_t* cf) {
  void* const* server = nullptr;
  const ngx_array_t* sessions = nullptr;
  for (CookiesConf* conf = cookies_main_conf(cf)->confs; conf != nullptr; conf = conf->next) {
    if (conf->choice == nullptr) continue;
    if (conf->configurations->srv_conf != server) {  // those of one server follow one another
      server = conf->configurations->srv_conf;
      sessions = sessions_of(cf, server);
    }
    if (sessions == nullptr || finish(cf, conf, sessions) != NGX_OK) return NGX_ERROR;
  }
  return NGX_OK;
}

}  // namespace sealring::nginx
