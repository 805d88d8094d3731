// SPDX-License-Identifier: Apache-2.0
// The variables for the outcome of the request's last set_decrypt_session. If there was none yet,
// they are empty, and $encrypted_session_verify is NONE. $encrypted_session_id is also that of a
// token that was sealed.
#include <string.h>

#include "module.h"

namespace sealring::nginx {
ngx_int_t give(ngx_http_variable_value_t* v, const void* data, size_t size) {
  v->data = static_cast<u_char*>(const_cast<void*>(data));
  v->len = static_cast<unsigned>(size) & 0xfffffff;
  v->valid = 1;
  v->no_cacheable = 0;
  v->not_found = 0;
  return NGX_OK;
}

ngx_int_t give_text(ngx_http_variable_value_t* v, const char* text) {
  return give(v, text, strlen(text));
}

ngx_int_t give_time(ngx_http_request_t* r, ngx_http_variable_value_t* v, uint64_t time) {
  auto* text = static_cast<u_char*>(ngx_pnalloc(r->pool, NGX_INT64_LEN));
  if (text == nullptr) return NGX_ERROR;
  const u_char* end = ngx_sprintf(text, "%uL", time);
  return give(v, text, static_cast<size_t>(end - text));
}

ngx_int_t give_verdict(ngx_http_request_t* r, ngx_http_variable_value_t* v,
                       sealring_status status) {
  if (status == SEALRING_OK) return give_text(v, "OK");
  const char* reason = sealring_status_name(status);
  constexpr char kFailed[] = "FAILED:";
  auto* text = static_cast<u_char*>(ngx_pnalloc(r->pool, sizeof(kFailed) + strlen(reason)));
  if (text == nullptr) return NGX_ERROR;
  const u_char* end = ngx_sprintf(text, "%s%s", kFailed, reason);
  return give(v, text, static_cast<size_t>(end - text));
}

namespace {

ngx_int_t verify(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t) {
  const Outcome* outcome = find_outcome(r);
  if (outcome == nullptr || outcome->opened_none) return give_text(v, "NONE");
  return give_verdict(r, v, outcome->status);
}

ngx_int_t issued_at(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t) {
  const Outcome* outcome = find_outcome(r);
  if (outcome == nullptr || outcome->issued_at == 0) return give_text(v, "");
  return give_time(r, v, outcome->issued_at);
}

ngx_int_t expires_at(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t) {
  const Outcome* outcome = find_outcome(r);
  if (outcome == nullptr) return give_text(v, "");
  // If the token opened, 0 means that it never expires; otherwise there is no time.
  if (outcome->status != SEALRING_OK && outcome->expires_at == 0) return give_text(v, "");
  return give_time(r, v, outcome->expires_at);
}

ngx_int_t kid(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t) {
  const Outcome* outcome = find_outcome(r);
  return give_text(v, outcome != nullptr ? outcome->kid : "");
}

ngx_int_t id(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t) {
  const Outcome* outcome = find_outcome(r);
  return give_text(v, outcome != nullptr ? outcome->id : "");
}

const struct {
  ngx_str_t name;
  ngx_http_get_variable_pt get;
} kVariables[] = {
    {literal("encrypted_session_verify"), verify},
    {literal("encrypted_session_issued_at"), issued_at},
    {literal("encrypted_session_expires_at"), expires_at},
    {literal("encrypted_session_kid"), kid},
    {literal("encrypted_session_id"), id},
};

}  // namespace

ngx_int_t add_variables(ngx_conf_t* cf) {
  for (const auto& variable : kVariables) {
    ngx_str_t name = variable.name;
    ngx_http_variable_t* added = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
    if (added == nullptr) return NGX_ERROR;
    added->get_handler = variable.get;
  }
  return NGX_OK;
}

}  // namespace sealring::nginx
