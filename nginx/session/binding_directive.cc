// SPDX-License-Identifier: Apache-2.0
// The directive session_binding.
#include <string.h>

#include "../arguments.h"
#include "session.h"

namespace sealring::nginx {
namespace {

// The text after `name=`; null data: it is another argument.
ngx_str_t value_of(const ngx_str_t& argument, const char* name) {
  const size_t size = strlen(name);
  if (argument.len <= size || memcmp(argument.data, name, size) != 0) return {0, nullptr};
  return {argument.len - size, argument.data + size};
}

// False: it is not this argument, or not a time from 1 second.
bool read_time(const ngx_str_t& argument, const char* name, time_t* time) {
  ngx_str_t value = value_of(argument, name);
  if (value.data == nullptr) return false;
  *time = ngx_parse_time(&value, 1);
  return *time != NGX_ERROR && *time > 0;
}

bool read_mode(const ngx_str_t& argument, BindingOptions* binding) {
  const struct {
    ngx_str_t word;
    bool on;
    bool required;
  } modes[] = {{literal("on"), true, false},
               {literal("off"), false, false},
               {literal("required"), true, true}};
  for (const auto& mode : modes) {
    if (argument.len != mode.word.len || memcmp(argument.data, mode.word.data, argument.len) != 0) {
      continue;
    }
    binding->on = mode.on;
    binding->required = mode.required;
    return true;
  }
  return false;
}

}  // namespace

char* set_session_binding(ngx_conf_t* cf, ngx_command_t*, void* conf) {
  auto* session = static_cast<SessionConf*>(conf);
  if (session->binding_place.named) return duplicate;
  const ngx_str_t* argument = arguments(cf);
  note_place(cf, &session->binding_place, argument[0]);
  BindingOptions& binding = session->binding;
  if (!read_mode(argument[1], &binding)) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "session_binding: \"%V\" is not one of on, off and required", &argument[1]);
    return failed();
  }
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i) {
    if (read_time(argument[i], "refresh=", &binding.refresh) ||
        read_time(argument[i], "grace=", &binding.grace)) {
      continue;
    }
    const ngx_str_t prefix = value_of(argument[i], "path=");
    if (prefix.data == nullptr) {
      ngx_conf_log_error(
          NGX_LOG_EMERG, cf, 0,
          "session_binding: \"%V\" is not one of refresh=TIME, grace=TIME and path=PREFIX",
          &argument[i]);
      return failed();
    }
    binding.prefix = text_of(prefix);
  }
  return NGX_CONF_OK;
}

}  // namespace sealring::nginx
