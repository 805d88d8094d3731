// SPDX-License-Identifier: Apache-2.0
// set_encrypt_session and set_decrypt_session as directives, which become steps of nginx's rewrite
// module, like its own `set`. The NDK can do that too, but it uses a copy of nginx's code for
// arguments with variables. nginx 1.30.4 changed that code, and with the copy in NDK 0.3.4 a
// request crashes a worker. So here the argument is a complex value, which nginx itself compiles
// and evaluates. While a request is served, the only code of the NDK that runs is its handler for
// variables that have no value yet.
#include "arguments.h"

namespace sealring::nginx {
namespace {

// A step in the list of the rewrite module.
struct Step {
  ngx_http_script_code_pt run;
  Filter filter;
  ngx_http_complex_value_t* argument;  // null: it is a variable and nothing else
  ngx_uint_t variable;                 // its index then
};

uintptr_t end_of_steps = 0;

// nginx copies a variable even if it is all of a value. A token can have kilobytes, which some
// processors copy slowly.
bool evaluate(ngx_http_request_t* r, const Step& step, ngx_str_t* argument) {
  if (step.argument != nullptr) {
    return ngx_http_complex_value(r, step.argument, argument) == NGX_OK;
  }
  const ngx_http_variable_value_t* value = ngx_http_get_flushed_variable(r, step.variable);
  *argument =
      value != nullptr && value->not_found == 0 ? ngx_str_t{value->len, value->data} : literal("");
  return true;
}

// Leaves the result on the engine's stack, where nginx's own step gets it to store in the variable.
void run(ngx_http_script_engine_t* engine) {
  const auto* step = reinterpret_cast<const Step*>(engine->ip);
  engine->ip += sizeof(Step);

  ngx_str_t argument;
  ngx_str_t result;
  if (!evaluate(engine->request, *step, &argument) ||
      step->filter(engine->request, argument, &result) != NGX_OK) {
    engine->ip = reinterpret_cast<u_char*>(&end_of_steps);
    engine->status = NGX_HTTP_INTERNAL_SERVER_ERROR;
    return;
  }
  ngx_http_variable_value_t* value = engine->sp++;
  *value = ngx_http_variable_value_t{};
  value->data = result.data;
  value->len = static_cast<unsigned>(result.len) & 0xfffffff;
  value->valid = 1;
}

// Each call may move the existing steps, so use what it returns at once.
template <typename Code>
Code* add_step(ngx_conf_t* cf, ndk_http_rewrite_loc_conf_t* rewrite) {
  return static_cast<Code*>(ngx_http_script_start_code(cf->pool, &rewrite->codes, sizeof(Code)));
}

bool add_filter(ngx_conf_t* cf, ndk_http_rewrite_loc_conf_t* rewrite, Filter filter,
                ngx_str_t* argument) {
  Step made = {run, filter, nullptr, 0};
  if (is_variable(*argument)) {
    ngx_str_t name = {argument->len - 1, argument->data + 1};
    const ngx_int_t index = ngx_http_get_variable_index(cf, &name);
    if (index == NGX_ERROR) return false;
    made.variable = static_cast<ngx_uint_t>(index);
  } else {
    made.argument = compile_value(cf, argument);
    if (made.argument == nullptr) return false;
  }
  auto* step = add_step<Step>(cf, rewrite);
  if (step != nullptr) *step = made;
  return step != nullptr;
}

// As `set` does.
bool add_assignment(ngx_conf_t* cf, ndk_http_rewrite_loc_conf_t* rewrite,
                    const ngx_http_variable_t& variable, ngx_int_t index) {
  if (variable.set_handler != nullptr) {
    auto* step = add_step<ngx_http_script_var_handler_code_t>(cf, rewrite);
    if (step == nullptr) return false;
    *step = {ngx_http_script_var_set_handler_code, variable.set_handler, variable.data};
    return true;
  }
  auto* step = add_step<ngx_http_script_var_code_t>(cf, rewrite);
  if (step == nullptr) return false;
  *step = {ngx_http_script_set_var_code, static_cast<uintptr_t>(index)};
  return true;
}

// The first argument names the variable. Without a second one, it is also the value.
char* set_variable(ngx_conf_t* cf, Filter filter) {
  ngx_str_t name = arguments(cf)[1];
  if (name.len == 0 || name.data[0] != '$') {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid variable name \"%V\"", &name);
    return failed();
  }
  name.data += 1;
  name.len -= 1;

  ngx_http_variable_t* variable =
      ngx_http_add_variable(cf, &name, NGX_HTTP_VAR_CHANGEABLE | NGX_HTTP_VAR_WEAK);
  if (variable == nullptr) return failed();
  const ngx_int_t index = ngx_http_get_variable_index(cf, &name);
  if (index == NGX_ERROR) return failed();
  if (variable->get_handler == nullptr) {
    variable->get_handler = ndk_http_rewrite_var;
    variable->data = static_cast<uintptr_t>(index);
  }

  // Not the directive's own `conf`: inside `if` the rewrite module has another configuration.
  auto* rewrite = static_cast<ndk_http_rewrite_loc_conf_t*>(
      ngx_http_conf_get_module_loc_conf(cf, ngx_http_rewrite_module));
  ngx_str_t* argument = &arguments(cf)[cf->args->nelts - 1];
  static_cast<LocationConf*>(
      ngx_http_conf_get_module_loc_conf(cf, ngx_http_encrypted_session_module))
      ->seals_or_opens = true;
  const bool added =
      add_filter(cf, rewrite, filter, argument) && add_assignment(cf, rewrite, *variable, index);
  return added ? NGX_CONF_OK : failed();
}

ngx_int_t encrypt_for_lua(ngx_http_request_t* r, ngx_str_t* token, ngx_http_variable_value_t* v) {
  return encrypt_session(r, {v->len, v->data}, token);
}

ngx_int_t decrypt_for_lua(ngx_http_request_t* r, ngx_str_t* payload, ngx_http_variable_value_t* v) {
  return decrypt_session(r, {v->len, v->data}, payload);
}

}  // namespace

char* set_encrypt_session(ngx_conf_t* cf, ngx_command_t*, void*) {
  return set_variable(cf, encrypt_session);
}

char* set_decrypt_session(ngx_conf_t* cf, ngx_command_t*, void*) {
  if (!remember_cookie(cf, arguments(cf)[cf->args->nelts - 1])) return failed();
  return set_variable(cf, decrypt_session);
}

// The NDK declares the function as void *.
ndk_set_var_t encrypt_filter = {NDK_SET_VAR_VALUE, reinterpret_cast<void*>(encrypt_for_lua), 1,
                                nullptr};
ndk_set_var_t decrypt_filter = {NDK_SET_VAR_VALUE, reinterpret_cast<void*>(decrypt_for_lua), 1,
                                nullptr};

}  // namespace sealring::nginx
