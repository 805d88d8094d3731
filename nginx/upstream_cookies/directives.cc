// SPDX-License-Identifier: Apache-2.0
// The directives for the cookies of applications: syntax, bounds, duplicates.
#include "../arguments.h"
#include "upstream_cookies.h"

namespace sealring::nginx {
namespace {

template <typename Element>
bool append(ngx_conf_t* cf, ngx_array_t** array, Element element) {
  if (*array == nullptr) *array = ngx_array_create(cf->pool, 4, sizeof(Element));
  if (*array == nullptr) return false;
  auto* added = static_cast<Element*>(ngx_array_push(*array));
  if (added == nullptr) return false;
  *added = element;
  return true;
}

// `~PATTERN`, or `~*PATTERN` for both cases.
bool add_pattern(ngx_conf_t* cf, const ngx_str_t& argument, CookieChoice* choice) {
#if (NGX_PCRE)
  const bool any_case = argument.len > 1 && argument.data[1] == '*';
  const size_t skipped = any_case ? 2 : 1;
  u_char error[NGX_MAX_CONF_ERRSTR];
  ngx_regex_compile_t compile = {};
  compile.pattern = {argument.len - skipped, argument.data + skipped};
  compile.pool = cf->pool;
  compile.options = any_case ? NGX_REGEX_CASELESS : 0;
  compile.err = {sizeof(error), error};
  if (compile.pattern.len == 0) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "sealed_cookies: \"%V\" has no pattern", &argument);
    return false;
  }
  if (ngx_regex_compile(&compile) != NGX_OK) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "sealed_cookies: %V", &compile.err);
    return false;
  }
  return append(cf, &choice->patterns, compile.regex);
#else
  (void)choice;
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                     "sealed_cookies: \"%V\": this nginx was built without PCRE; list the names",
                     &argument);
  return false;
#endif
}

char* set_choice(ngx_conf_t* cf, ngx_command_t*, void* conf) {
  auto* cookies = static_cast<CookiesConf*>(conf);
  if (cookies->place.named) return duplicate;
  note_place(cf, &cookies->place, arguments(cf)[1]);
  const ngx_str_t* argument = arguments(cf);
  if (cf->args->nelts == 2 && is(argument[1], "off")) return NGX_CONF_OK;
  auto* choice = static_cast<CookieChoice*>(ngx_pcalloc(cf->pool, sizeof(CookieChoice)));
  if (choice == nullptr) return failed();
  for (ngx_uint_t i = 1; i < cf->args->nelts; ++i) {
    if (is(argument[i], "httponly")) {
      choice->http_only = true;
    } else if (is(argument[i], "all")) {
      choice->all = true;
    } else if (is(argument[i], "off")) {
      ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "sealed_cookies: \"off\" is the only argument then");
      return failed();
    } else if (argument[i].len != 0 && argument[i].data[0] == '~') {
      if (!add_pattern(cf, argument[i], choice)) return failed();
    } else if (!append(cf, &choice->names, text_of(argument[i]))) {
      return failed();
    }
  }
  cookies->choice = choice;
  return NGX_CONF_OK;
}

char* set_cookies_context(ngx_conf_t* cf, ngx_command_t* command, void* conf) {
  char* set = ngx_conf_set_str_slot(cf, command, conf);
  if (set != NGX_CONF_OK) return set;
  const ngx_str_t& context = static_cast<CookiesConf*>(conf)->context;
  if (context.len != 0 && context.len <= SEALRING_COOKIES_MAX_CONTEXT) return NGX_CONF_OK;
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                     "sealed_cookies_context: the context must have 1 to %d bytes; say which "
                     "application the cookies are of, as in \"sealed_cookies_context shop;\"",
                     SEALRING_COOKIES_MAX_CONTEXT);
  return failed();
}

ngx_conf_enum_t modes[] = {{literal("report"), SEALRING_COOKIES_REPORT},
                           {literal("migrate"), SEALRING_COOKIES_MIGRATE},
                           {literal("enforce"), SEALRING_COOKIES_ENFORCE},
                           {ngx_null_string, 0}};

char* set_accept_plain_until(ngx_conf_t* cf, ngx_command_t*, void* conf) {
  auto* cookies = static_cast<CookiesConf*>(conf);
  if (cookies->plain_place.named) return duplicate;
  note_place(cf, &cookies->plain_place, arguments(cf)[1]);
  const ngx_str_t& day = arguments(cf)[1];
  if (is(day, "off")) return NGX_CONF_OK;
  if (sealring_end_of_day(text_of(day), &cookies->accept_plain_until) == SEALRING_OK) {
    return NGX_CONF_OK;
  }
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                     "sealed_cookies_accept_plain_until: \"%V\" is not a day; write the last day "
                     "(UTC) on which plain cookies pass as YYYY-MM-DD, as in 2027-01-31",
                     &day);
  return failed();
}

char* set_refuse(ngx_conf_t* cf, ngx_command_t*, void* conf) {
  auto* cookies = static_cast<CookiesConf*>(conf);
  if (cookies->refuse != NGX_CONF_UNSET_UINT) return duplicate;
  const ngx_str_t& argument = arguments(cf)[1];
  const ngx_int_t status = is(argument, "off") ? 0 : ngx_atoi(argument.data, argument.len);
  // From 494 on they are nginx's own words, and with 408 it closes the connection.
  const bool is_sent = status >= 400 && status <= 493 && status != NGX_HTTP_REQUEST_TIME_OUT;
  if (status != 0 && !is_sent) {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "sealed_cookies_refuse: \"%V\" is neither \"off\" nor a status from 400 to "
                       "493 other than 408, as in \"sealed_cookies_refuse 403;\"",
                       &argument);
    return failed();
  }
  cookies->refuse = static_cast<ngx_uint_t>(status);
  return NGX_CONF_OK;
}

constexpr ngx_uint_t kEverywhere = NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF;

ngx_command_t command(ngx_str_t name, ngx_uint_t type,
                      char* (*set)(ngx_conf_t*, ngx_command_t*, void*), size_t offset = 0,
                      void* post = nullptr) {
  return {name, kEverywhere | type, set, NGX_HTTP_LOC_CONF_OFFSET, offset, post};
}

}  // namespace

ngx_command_t upstream_cookies_commands[] = {
    command(literal("sealed_cookies"), NGX_CONF_1MORE, set_choice),
    command(literal("sealed_cookies_context"), NGX_CONF_TAKE1, set_cookies_context,
            offsetof(CookiesConf, context)),
    command(literal("sealed_cookies_mode"), NGX_CONF_TAKE1, ngx_conf_set_enum_slot,
            offsetof(CookiesConf, mode), modes),
    command(literal("sealed_cookies_accept_plain_until"), NGX_CONF_TAKE1, set_accept_plain_until),
    command(literal("sealed_cookies_refuse"), NGX_CONF_TAKE1, set_refuse),
    ngx_null_command};

}  // namespace sealring::nginx
