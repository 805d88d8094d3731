// SPDX-License-Identifier: Apache-2.0
// What became of a request's cookies, for logs.
#include "upstream_cookies.h"

namespace sealring::nginx {
namespace {

enum Which : uintptr_t { kOpened, kPlain, kCut, kReason, kSealed };

ngx_int_t get(ngx_http_request_t* r, ngx_http_variable_value_t* v, uintptr_t which) {
  const RequestCookies* all = request_cookies(r->main);
  const RewrittenCookies* rewritten = all != nullptr ? all->shown : nullptr;
  if (rewritten == nullptr) return give_text(v, "");
  const sealring_cookies_info info = describe(*rewritten);
  switch (which) {
    case kOpened:
      return give_time(r, v, info.opened);
    case kPlain:
      return give_time(r, v, info.plain);
    case kCut:
      return give_time(r, v, info.cut);
    case kSealed:
      return give_time(r, v, rewritten->sealed);
    default:
      return give_text(v, info.cut != 0 ? sealring_status_name(info.reason) : "");
  }
}

const struct {
  ngx_str_t name;
  Which which;
} kVariables[] = {
    {literal("sealed_cookies_opened"), kOpened}, {literal("sealed_cookies_plain"), kPlain},
    {literal("sealed_cookies_cut"), kCut},       {literal("sealed_cookies_reason"), kReason},
    {literal("sealed_cookies_sealed"), kSealed},
};

}  // namespace

ngx_int_t add_cookies_variables(ngx_conf_t* cf) {
  for (const auto& variable : kVariables) {
    ngx_str_t name = variable.name;
    ngx_http_variable_t* added = ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_NOCACHEABLE);
    if (added == nullptr) return NGX_ERROR;
    added->get_handler = get;
    added->data = variable.which;
  }
  return NGX_OK;
}

}  // namespace sealring::nginx
