// SPDX-License-Identifier: Apache-2.0
// $session_NAME: one handler for all of them, so that a variable that the configuration defines
// itself takes precedence.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

constexpr size_t kPrefixSize = sizeof("session_") - 1;

ngx_int_t give_copy(ngx_http_request_t* r, ngx_http_variable_value_t* v, const char* text) {
  const size_t size = strlen(text);
  void* copy = ngx_pnalloc(r->pool, size + 1);
  if (copy == nullptr) return NGX_ERROR;
  ngx_memcpy(copy, text, size);
  return give(v, copy, size);
}

using Getter = ngx_int_t (*)(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                             const RequestSession& found);

ngx_int_t fields(ngx_http_request_t* r, ngx_http_variable_value_t* v, const RequestSession& found) {
  const size_t size = sealring_session_text_size(found.session);
  auto* text = static_cast<char*>(ngx_pnalloc(r->pool, size + 1));
  if (text == nullptr) return NGX_ERROR;
  return give(v, text, sealring_session_text(found.session, text));
}

ngx_int_t verify(ngx_http_request_t* r, ngx_http_variable_value_t* v, const RequestSession& found) {
  const sealring_session_info info = describe(found);
  if (info.state == SEALRING_SESSION_NONE) return give_text(v, "NONE");
  return give_verdict(r, v, info.reason);
}

ngx_int_t issued_at(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                    const RequestSession& found) {
  const sealring_session_info info = describe(found);
  return info.issued_at == 0 ? give_text(v, "")
                             : give_time(r, v, static_cast<uint64_t>(info.issued_at));
}

// 0 means that the token never expires.
ngx_int_t expires_at(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                     const RequestSession& found) {
  const sealring_session_info info = describe(found);
  return info.issued_at == 0 ? give_text(v, "")
                             : give_time(r, v, static_cast<uint64_t>(info.expires_at));
}

ngx_int_t kid(ngx_http_request_t* r, ngx_http_variable_value_t* v, const RequestSession& found) {
  return give_copy(r, v, describe(found).kid);
}

ngx_int_t id_hash(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                  const RequestSession& found) {
  return give_copy(r, v, id_hash_of(found).text);
}

ngx_int_t bound(ngx_http_request_t*, ngx_http_variable_value_t* v, const RequestSession& found) {
  return give_text(v, find_field(found, literal("bound")).len != 0 ? "1" : "");
}

const struct {
  ngx_str_t name;
  Getter get;
} kVariables[] = {
    {literal("fields"), fields},
    {literal("verify"), verify},
    {literal("issued_at"), issued_at},
    {literal("expires_at"), expires_at},
    {literal("kid"), kid},
    {literal("id_hash"), id_hash},
    {literal("bound"), bound},
};

Getter getter_of(const ngx_str_t& name) {
  for (const auto& variable : kVariables) {
    if (name.len == variable.name.len &&
        ngx_strncasecmp(name.data, variable.name.data, name.len) == 0) {
      return variable.get;
    }
  }
  return nullptr;
}

ngx_int_t get(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t data) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): nginx passes the variable's name as a number
  const ngx_str_t& whole = *reinterpret_cast<const ngx_str_t*>(data);
  const ngx_str_t name = {whole.len - kPrefixSize, whole.data + kPrefixSize};
  const Getter getter = getter_of(name);
  const RequestSession* found = session_of(r);
  if (found == nullptr || found->failed) {
    if (getter == verify) return give_text(v, "NONE");
    return give_text(v, "");
  }
  if (getter != nullptr) return getter(r, v, *found);
  const ngx_str_t value = find_field_of_variable(*found, name);
  return give(v, value.data, value.len);
}

}  // namespace

bool is_name_of_variable(const ngx_str_t& field) {
  return getter_of(field) != nullptr;
}

ngx_int_t add_session_variables(ngx_conf_t* cf) {
  ngx_str_t name = literal("session_");
  ngx_http_variable_t* added =
      ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_PREFIX | NGX_HTTP_VAR_NOCACHEABLE);
  if (added == nullptr) return NGX_ERROR;
  added->get_handler = get;
  return NGX_OK;
}

}  // namespace sealring::nginx
