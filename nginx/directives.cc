// SPDX-License-Identifier: Apache-2.0
// The directives that set a value: syntax, bounds, duplicates. The messages of the old ones are
// those of the original module.
#include "arguments.h"

namespace sealring::nginx {
namespace {

constexpr size_t kKeySize = 32;
constexpr size_t kMaxIvSize = 16;

// Stores the argument in the Setting at the command's offset; null if there already is one. "off"
// stores no value but counts as set, so that no value is inherited.
Setting* take(ngx_conf_t* cf, const ngx_command_t* command, void* conf) {
  auto* setting = reinterpret_cast<Setting*>(static_cast<char*>(conf) + command->offset);
  if (setting->named) return nullptr;
  const ngx_str_t& argument = arguments(cf)[1];
  const bool off = command->offset != offsetof(LocationConf, iv) && is(argument, "off");
  note_place(cf, setting, off ? ngx_str_t{0, nullptr} : argument);
  return setting;
}

}  // namespace

ngx_http_complex_value_t* compile_value(ngx_conf_t* cf, ngx_str_t* text) {
  auto* value = static_cast<ngx_http_complex_value_t*>(
      ngx_pcalloc(cf->pool, sizeof(ngx_http_complex_value_t)));
  if (value == nullptr) return nullptr;
  ngx_http_compile_complex_value_t compile = {};
  compile.cf = cf;
  compile.value = text;
  compile.complex_value = value;
  return ngx_http_compile_complex_value(&compile) == NGX_OK ? value : nullptr;
}

char* set_key(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  const Setting* key = take(cf, command, conf);
  if (key == nullptr) return duplicate;
  if (key->is_set() && key->value.len != kKeySize) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "encrypted_session_key: the key must be of %uz bytes long", kKeySize);
    return failed();
  }
  return NGX_CONF_OK;
}

char* set_iv(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  const Setting* iv = take(cf, command, conf);
  if (iv == nullptr) return duplicate;
  if (iv->value.len > kMaxIvSize) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "encrypted_session_iv: the init vector must NOT be longer than %uz bytes",
                       kMaxIvSize);
    return failed();
  }
  return NGX_CONF_OK;
}

char* set_expires(ngx_conf_t* cf, ngx_command_t*, void* conf) {
  auto* location = static_cast<LocationConf*>(conf);
  if (location->expires != NGX_CONF_UNSET) return duplicate;
  location->expires = ngx_parse_time(&arguments(cf)[1], 1);
  return location->expires == NGX_ERROR ? invalid : NGX_CONF_OK;
}

char* set_file(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  Setting* file = take(cf, command, conf);
  if (file == nullptr) return duplicate;
  if (!file->is_set()) return NGX_CONF_OK;
  return ngx_conf_full_name(cf->cycle, &file->value, 1) == NGX_OK ? NGX_CONF_OK : failed();
}

char* set_context(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  Setting* context = take(cf, command, conf);
  if (context == nullptr) return duplicate;
  if (!context->is_set()) return NGX_CONF_OK;

  auto* value = compile_value(cf, &context->value);
  if (value == nullptr) return failed();

  const bool constant = value->lengths == nullptr;
  if (constant && value->value.len > SEALRING_MAX_CONTEXT) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "encrypted_session_context: the context must not be longer than %d bytes",
                       SEALRING_MAX_CONTEXT);
    return failed();
  }
  static_cast<LocationConf*>(conf)->context_value = value;
  return NGX_CONF_OK;
}

char* set_legacy_until(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  const Setting* day = take(cf, command, conf);
  if (day == nullptr) return duplicate;
  if (!day->is_set()) return NGX_CONF_OK;
  if (sealring_end_of_day(text_of(day->value), &static_cast<LocationConf*>(conf)->legacy_end) !=
      SEALRING_OK) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "encrypted_session_legacy_until: \"%V\" is not a day; write the last day "
                       "(UTC) on which tokens of the old key open as YYYY-MM-DD, as in 2027-01-31",
                       &day->value);
    return failed();
  }
  return NGX_CONF_OK;
}

}  // namespace sealring::nginx
