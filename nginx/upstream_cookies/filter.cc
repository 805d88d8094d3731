// SPDX-License-Identifier: Apache-2.0
// What goes to a client: no cookie that is to be sealed leaves plain, in whatever part of an
// answer.
#include "upstream_cookies.h"

namespace sealring::nginx {
namespace {

ngx_http_output_header_filter_pt next_filter;
ngx_http_output_body_filter_pt next_body_filter;

// A level that only contains others may lack what sealing needs; a client gets no cookies there.
bool seals(const ngx_http_request_t* r) {
  return r == r->main && cookies_conf(r)->choice != nullptr;
}

ngx_int_t fail(ngx_http_request_t* r, RequestCookies* all) {
  all->failed = true;
  return ngx_http_filter_finalize_request(r, &ngx_http_sealring_upstream_cookies_module,
                                          NGX_HTTP_INTERNAL_SERVER_ERROR);
}

// nginx may answer after a redirect before the rewrite phase of where that leads.
bool settle_before_redirect(ngx_http_request_t* r, RequestCookies* all) {
  if (all == nullptr || all->failed || all->kind == cookies_conf(r)->kind) return true;
  return seal_before_redirect(r, all);
}

ngx_int_t filter(ngx_http_request_t* r) {
  RequestCookies* all = r == r->main ? request_cookies(r) : nullptr;
  if (!settle_before_redirect(r, all)) return fail(r, all);
  if (!seals(r)) return next_filter(r);
  const CookiesKind* kind = cookies_conf(r)->kind;
  if (all == nullptr) all = make_request_cookies(r);
  if (all == nullptr) return NGX_ERROR;
  if (all->failed || kind == nullptr) {  // perhaps with a cookie of add_header
    // A device is answered at the level of the server, whatever can be sealed there.
    const auto* session =
        static_cast<const Kind*>(ngx_http_get_module_ctx(r, ngx_http_sealring_session_module));
    if (remove_set_cookies(&r->headers_out.headers, session) && kind == nullptr) log_incomplete(r);
    return next_filter(r);
  }
  return seal_response(r, all, kind) ? next_filter(r) : fail(r, all);
}

bool is_end(const ngx_chain_t* in) {
  for (; in != nullptr; in = in->next) {
    if (in->buf->last_buf) return true;
  }
  return false;
}

// What no client reads as a cookie need not arrive there.
void remove_unread(const ngx_http_request_t* r, ngx_list_t* headers) {
  const CookiesKind* kind = cookies_conf(r)->kind;
  if (kind == nullptr || kind->mode != SEALRING_COOKIES_REPORT) remove_set_cookies(headers);
}

ngx_int_t body_filter(ngx_http_request_t* r, ngx_chain_t* in) {
  if (seals(r) && is_end(in)) remove_unread(r, &r->headers_out.trailers);
  return next_body_filter(r, in);
}

#if (nginx_version >= 1029000)

ngx_http_output_header_filter_pt next_early_hints_filter;

ngx_int_t early_hints_filter(ngx_http_request_t* r) {
  if (seals(r)) remove_unread(r, &r->headers_out.headers);
  return next_early_hints_filter(r);
}

#endif

}  // namespace

void install_cookies_filters() {
  next_filter = ngx_http_top_header_filter;
  ngx_http_top_header_filter = filter;
  next_body_filter = ngx_http_top_body_filter;
  ngx_http_top_body_filter = body_filter;
#if (nginx_version >= 1029000)
  next_early_hints_filter = ngx_http_top_early_hints_filter;
  ngx_http_top_early_hints_filter = early_hints_filter;
#endif
}

}  // namespace sealring::nginx
