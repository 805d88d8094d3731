// SPDX-License-Identifier: Apache-2.0
// $cookie_NAME where it is the argument of set_decrypt_session. nginx's own reads headers one
// character at a time, which for a long token costs as much as opening it. This one finds the same,
// by memchr: tests/nginx/test_cookie_variable.py compares them.
#include <nginx.h>

#include "arguments.h"

namespace sealring::nginx {
namespace {

const ngx_str_t prefix = literal("cookie_");

// The first of the characters, or the end.
u_char* find(u_char* at, u_char* end, char character) {
  void* const found = ::memchr(at, character, static_cast<size_t>(end - at));
  return found != nullptr ? static_cast<u_char*>(found) : end;
}

u_char* skip_spaces(u_char* at, const u_char* end) {
  while (at < end && *at == ' ') ++at;
  return at;
}

// As ngx_http_parse_multi_header_lines() does in all versions of nginx: `,` separates cookies where
// one of another name is skipped, and belongs to a value.
bool find_in(const ngx_str_t& header, const ngx_str_t& name, ngx_str_t* value) {
  u_char* at = header.data;
  u_char* const end = header.data + header.len;
  while (at < end) {
    if (static_cast<size_t>(end - at) >= name.len &&
        ngx_strncasecmp(at, name.data, name.len) == 0) {
      at = skip_spaces(at + name.len, end);
      if (at != end && *at++ == '=') {
        value->data = skip_spaces(at, end);
        value->len = static_cast<size_t>(find(value->data, end, ';') - value->data);
        return true;
      }
    }
    u_char* const semicolon = find(at, end, ';');
    u_char* const separator = find(at, semicolon, ',');
    at = separator == end ? end : skip_spaces(separator + 1, end);
  }
  return false;
}

ngx_int_t cookie_variable(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t data) {
  const auto* variable = reinterpret_cast<const ngx_str_t*>(data);
  const ngx_str_t name = {variable->len - prefix.len, variable->data + prefix.len};
  ngx_str_t value;
#if nginx_version >= 1023000
  const ngx_table_elt_t* header = r->headers_in.cookie;
  while (header != nullptr && !find_in(header->value, name, &value)) header = header->next;
  const bool found = header != nullptr;
#else
  auto* const* headers = static_cast<ngx_table_elt_t**>(r->headers_in.cookies.elts);
  bool found = false;
  for (ngx_uint_t i = 0; i < r->headers_in.cookies.nelts && !found; ++i) {
    found = find_in(headers[i]->value, name, &value);
  }
#endif
  if (found) return give(v, value.data, value.len);
  v->not_found = 1;
  return NGX_OK;
}

// nginx's own handler of all cookies.
ngx_http_get_variable_pt handler_of_nginx(const ngx_http_core_main_conf_t& core) {
  const auto* variable = static_cast<const ngx_http_variable_t*>(core.prefix_variables.elts);
  for (ngx_uint_t i = 0; i < core.prefix_variables.nelts; ++i) {
    const ngx_str_t& name = variable[i].name;
    if (name.len == prefix.len && ::memcmp(name.data, prefix.data, name.len) == 0) {
      return variable[i].get_handler;
    }
  }
  return nullptr;
}

}  // namespace

bool remember_cookie(ngx_conf_t* cf, const ngx_str_t& argument) {
  if (!is_variable(argument) || argument.len <= 1 + prefix.len ||
      ngx_strncasecmp(argument.data + 1, prefix.data, prefix.len) != 0) {
    return true;
  }
  ngx_str_t name = {argument.len - 1, argument.data + 1};
  const ngx_int_t index = ngx_http_get_variable_index(cf, &name);
  if (index == NGX_ERROR) return false;
  ngx_array_t& cookies = main_conf(cf)->cookies;
  if (cookies.elts == nullptr &&
      ngx_array_init(&cookies, cf->pool, 4, sizeof(ngx_int_t)) != NGX_OK) {
    return false;
  }
  auto* place = static_cast<ngx_int_t*>(ngx_array_push(&cookies));
  if (place != nullptr) *place = index;
  return place != nullptr;
}

void take_over_cookies(ngx_cycle_t* cycle, const ngx_array_t& cookies) {
  auto* core = static_cast<ngx_http_core_main_conf_t*>(
      ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module));
  const ngx_http_get_variable_pt of_nginx = handler_of_nginx(*core);
  auto* variables = static_cast<ngx_http_variable_t*>(core->variables.elts);
  const auto* index = static_cast<const ngx_int_t*>(cookies.elts);
  for (ngx_uint_t i = 0; i < cookies.nelts; ++i) {
    // Not one that the configuration or another module defines.
    ngx_http_variable_t& variable = variables[index[i]];
    if (variable.get_handler == of_nginx) variable.get_handler = cookie_variable;
  }
}

}  // namespace sealring::nginx
