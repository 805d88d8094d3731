// SPDX-License-Identifier: Apache-2.0
// Device binding in the settings of a location and of its server.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

constexpr char kDefaultPrefix[] = "/session-binding/";

const char* prefix_of(const SessionConf& conf) {
  return conf.binding.prefix != nullptr ? conf.binding.prefix : kDefaultPrefix;
}

SessionServerConf* server_of(const SessionConf& conf) {
  return static_cast<SessionServerConf*>(
      conf.configurations->srv_conf[ngx_http_sealring_session_module.ctx_index]);
}

}  // namespace

void* create_session_server_conf(ngx_conf_t* cf) {
  auto* conf = static_cast<SessionServerConf*>(ngx_pcalloc(cf->pool, sizeof(SessionServerConf)));
  if (conf == nullptr) return nullptr;
  return ngx_array_init(&conf->bindings, cf->pool, 1, sizeof(const SessionConf*)) == NGX_OK
             ? conf
             : nullptr;
}

sealring_binding_options binding_options_of(const SessionConf& conf) {
  if (!conf.binding.on) return {};
  sealring_binding_options options = SEALRING_INIT(sealring_binding_options);
  options.refresh = conf.binding.refresh;
  options.grace = conf.binding.grace;
  options.prefix = prefix_of(conf);
  options.required = conf.binding.required ? 1 : 0;
  return options;
}

bool same_binding(const sealring_binding_options& a, const sealring_binding_options& b) {
  if (a.size == 0 || b.size == 0) return a.size == b.size;
  return a.refresh == b.refresh && a.grace == b.grace && a.required == b.required &&
         strcmp(a.prefix, b.prefix) == 0;
}

// Without a revocation list, a copy of the cookie from before the binding would stay good.
bool bind_profile(ngx_conf_t* cf, const SessionConf& conf, Kind* kind) {
  if (kind->binding.size == 0) return true;
  if (!conf.revocations.is_set()) {
    complain(
        NGX_LOG_EMERG, cf, conf.binding_place,
        "session_binding: no session_revocations is in effect with it, so a copy of the cookie "
        "from before the binding would stay good. Run \"sealring revocations --create "
        "%Vrevoked\" and add \"session_revocations revoked;\" beside this line",
        &cf->cycle->conf_prefix);
    return false;
  }
  sealring_error error = SEALRING_INIT(sealring_error);
  if (sealring_session_profile_bind(kind->profile, &kind->binding, &error) == SEALRING_OK) {
    return true;
  }
  complain(NGX_LOG_EMERG, cf, conf.binding_place, "session_binding: %s", error.message);
  return false;
}

bool add_binding(ngx_conf_t* cf, const SessionConf& conf) {
  if (conf.kind->binding.size == 0) return true;
  ngx_array_t* bindings = &server_of(conf)->bindings;
  const auto* known = static_cast<const SessionConf* const*>(bindings->elts);
  for (ngx_uint_t i = 0; i < bindings->nelts; ++i) {
    if (strcmp(prefix_of(*known[i]), prefix_of(conf)) != 0) continue;
    if (known[i]->kind == conf.kind) return true;
    complain(NGX_LOG_EMERG, cf, conf.binding_place,
             "session_binding: the path \"%s\" is also that of %V:%ui, where sessions have other "
             "settings; add a path= of its own to one of them, or make the settings equal",
             prefix_of(conf), &known[i]->binding_place.file, known[i]->binding_place.line);
    return false;
  }
  auto* added = static_cast<const SessionConf**>(ngx_array_push(bindings));
  if (added == nullptr) return false;
  *added = &conf;
  return true;
}

}  // namespace sealring::nginx
