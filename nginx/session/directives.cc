// SPDX-License-Identifier: Apache-2.0
// The directives for sessions: syntax, bounds, duplicates.
#include <string.h>

#include "../arguments.h"
#include "../status/status.h"
#include "session.h"

namespace sealring::nginx {
namespace {

char* set_on(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  note_place(cf, &static_cast<SessionConf*>(conf)->place, arguments(cf)[0]);
  return ngx_conf_set_flag_slot(cf, command, conf);
}

char* set_time(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  auto* time = reinterpret_cast<time_t*>(static_cast<char*>(conf) + command->offset);
  if (*time != NGX_CONF_UNSET) return duplicate;
  ngx_str_t* argument = &arguments(cf)[1];
  if (is(*argument, "off")) {
    *time = 0;
    return NGX_CONF_OK;
  }
  *time = ngx_parse_time(argument, 1);
  if (*time == NGX_ERROR) return invalid;
  if (*time > 0) return NGX_CONF_OK;
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V: 0 is not a time; write \"off\" for no such end",
                     &command->name);
  return failed();
}

char* set_cookie(ngx_conf_t* cf, ngx_command_t*, void* conf) {
  auto* session = static_cast<SessionConf*>(conf);
  if (session->cookie_place.named) return duplicate;
  note_place(cf, &session->cookie_place, arguments(cf)[0]);
  CookieOptions& cookie = session->cookie;
  cookie.name = text_of(arguments(cf)[1]);

  const struct {
    const char* name;
    const char** to;
  } texts[] = {
      {"path=", &cookie.path}, {"domain=", &cookie.domain}, {"samesite=", &cookie.same_site}};
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
    const ngx_str_t& argument = arguments(cf)[i];
    const char* text = text_of(argument);
    bool known = false;
    for (const auto& option : texts) {
      if (strncmp(text, option.name, strlen(option.name)) != 0) continue;
      *option.to = text + strlen(option.name);
      known = true;
    }
    if (is(argument, "insecure")) {
      cookie.insecure = 1;
    } else if (is(argument, "partitioned")) {
      cookie.partitioned = 1;
    } else if (argument.len == 7 && strncmp(text, "parts=", 6) == 0 && text[6] >= '1' &&
               text[6] <= '9') {
      cookie.parts = static_cast<size_t>(text[6] - '0');
    } else if (!known) {
      ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                         "session_cookie: \"%V\" is not one of path=, domain=, "
                         "samesite=lax|strict|none, insecure, partitioned and parts=1 to parts=9",
                         &argument);
      return failed();
    }
  }
  return NGX_CONF_OK;
}

char* set_session_context(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  char* set = ngx_conf_set_str_slot(cf, command, conf);
  if (set != NGX_CONF_OK) return set;
  const ngx_str_t& context = static_cast<SessionConf*>(conf)->context;
  if (context.len == 0) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "session_context: an empty context binds sessions to nothing; say what they "
                       "are for, as in \"session_context shop;\"");
    return failed();
  }
  if (context.len > SEALRING_MAX_CONTEXT) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "session_context: the context must not be longer than %d bytes",
                       SEALRING_MAX_CONTEXT);
    return failed();
  }
  return NGX_CONF_OK;
}

bool may_be_set(const ngx_str_t& field) {
  return field.len > 0 && sealring_session_is_reserved(text_of(field), field.len) == 0 &&
         !is_name_of_variable(field);
}

char* set_field(ngx_conf_t* cf, ngx_command_t*, void* conf) {
  auto* session = static_cast<SessionConf*>(conf);
  ngx_str_t* argument = arguments(cf);
  if (!may_be_set(argument[1])) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "session_set: the field \"%V\" is sealring's own; choose another name",
                       &argument[1]);
    return failed();
  }
  if (session->fields_to_set == nullptr) {
    session->fields_to_set = ngx_array_create(cf->pool, 2, sizeof(FieldToSet));
    if (session->fields_to_set == nullptr) return failed();
  }
  auto* field = static_cast<FieldToSet*>(ngx_array_push(session->fields_to_set));
  if (field == nullptr) return failed();
  *field = {argument[1], compile_value(cf, &argument[2])};
  return field->value != nullptr ? NGX_CONF_OK : failed();
}

char* set_end(ngx_conf_t*, ngx_command_t*, void* conf) {
  auto* session = static_cast<SessionConf*>(conf);
  if (session->end == 1) return duplicate;
  session->end = 1;
  return NGX_CONF_OK;
}

char* set_require(ngx_conf_t* cf, ngx_command_t*, void* conf) {
  auto* session = static_cast<SessionConf*>(conf);
  if (session->require_place.named) return duplicate;
  note_place(cf, &session->require_place, arguments(cf)[0]);
  const ngx_str_t* argument = arguments(cf);
  session->requirements = ngx_array_create(cf->pool, cf->args->nelts, sizeof(Requirement));
  if (session->requirements == nullptr) return failed();
  if (cf->args->nelts == 2 && is(argument[1], "off")) return NGX_CONF_OK;
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    ngx_str_t name = argument[i];
    ngx_str_t value = {0, nullptr};
    u_char* split = ngx_strlchr(name.data, name.data + name.len, '=');
    if (split != nullptr) {
      value = {static_cast<size_t>(name.data + name.len - split - 1), split + 1};
      name.len = static_cast<size_t>(split - name.data);
    }
    if (name.len == 0 || (split != nullptr && value.len == 0)) {
      ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                         "session_require: \"%V\" is neither FIELD nor FIELD=VALUE", &argument[i]);
      return failed();
    }
    auto* requirement = static_cast<Requirement*>(ngx_array_push(session->requirements));
    if (requirement == nullptr) return failed();
    *requirement = {name, value, split == nullptr};
  }
  return NGX_CONF_OK;
}

bool read_agent(ngx_conf_t* cf, const ngx_str_t& argument, ngx_str_t* agent) {
  constexpr char kPrefix[] = "agent=unix:";
  constexpr size_t kSize = sizeof(kPrefix) - 1;
  if (strncmp(text_of(argument), kPrefix, kSize) != 0 || argument.len == kSize) return false;
  *agent = {argument.len - kSize, argument.data + kSize};
  return ngx_conf_full_name(cf->cycle, agent, 1) == NGX_OK;
}

char* set_session_revocations(ngx_conf_t* cf, ngx_command_t*, void* conf) {
  auto* session = static_cast<SessionConf*>(conf);
  if (session->revocations.named) return duplicate;
  note_place(cf, &session->revocations, arguments(cf)[0]);
  const ngx_str_t* argument = arguments(cf);
  session->revocations.value = argument[1];
  if (cf->args->nelts == 2 && is(argument[1], "off")) {
    ngx_str_null(&session->revocations.value);
    return NGX_CONF_OK;
  }
  if (ngx_conf_full_name(cf->cycle, &session->revocations.value, 1) != NGX_OK) return failed();
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
    if (is(argument[i], "stale=refuse")) {
      session->refuse_stale = true;
    } else if (!read_agent(cf, argument[i], &session->agent)) {
      ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                         "session_revocations: \"%V\" is neither agent=unix:PATH nor stale=refuse",
                         &argument[i]);
      return failed();
    }
  }
  return NGX_CONF_OK;
}

constexpr ngx_uint_t kEverywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;
constexpr ngx_uint_t kOffset = NGX_HTTP_LOC_CONF_OFFSET;

ngx_command_t command(ngx_str_t name, ngx_uint_t type,
                      char* (*set)(ngx_conf_t*, ngx_command_t*, void*), size_t offset) {
  return {name, type, set, kOffset, offset, nullptr};
}

}  // namespace

ngx_command_t session_commands[] = {
    command(literal("session"), kEverywhere | NGX_CONF_FLAG, set_on, offsetof(SessionConf, on)),
    command(literal("session_context"), kEverywhere | NGX_CONF_TAKE1, set_session_context,
            offsetof(SessionConf, context)),
    command(literal("session_cookie"), kEverywhere | NGX_CONF_1MORE, set_cookie, 0),
    command(literal("session_idle"), kEverywhere | NGX_CONF_TAKE1, set_time,
            offsetof(SessionConf, idle)),
    command(literal("session_lifetime"), kEverywhere | NGX_CONF_TAKE1, set_time,
            offsetof(SessionConf, lifetime)),
    command(literal("session_renew"), kEverywhere | NGX_CONF_TAKE1, set_time,
            offsetof(SessionConf, renew)),
    command(literal("session_subject"), kEverywhere | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
            offsetof(SessionConf, subject)),
    command(literal("session_header"), kEverywhere | NGX_CONF_TAKE1, ngx_conf_set_str_slot,
            offsetof(SessionConf, header)),
    command(literal("session_set"), kEverywhere | NGX_CONF_TAKE2, set_field, 0),
    command(literal("session_end"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_end, 0),
    command(literal("session_require"), kEverywhere | NGX_CONF_1MORE, set_require, 0),
    command(literal("session_login"), kEverywhere | NGX_CONF_TAKE1, ngx_http_set_complex_value_slot,
            offsetof(SessionConf, login)),
    command(literal("session_activity"), kEverywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
            offsetof(SessionConf, activity)),
    command(literal("session_pass_cookie"), kEverywhere | NGX_CONF_FLAG, ngx_conf_set_flag_slot,
            offsetof(SessionConf, pass_cookie)),
    command(literal("session_binding"), kEverywhere | NGX_CONF_1MORE, set_session_binding, 0),
    command(literal("session_revocations"), kEverywhere | NGX_CONF_TAKE123, set_session_revocations,
            0),
    command(literal("session_status"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, set_status, 0),
    ngx_null_command};

}  // namespace sealring::nginx
