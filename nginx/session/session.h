// SPDX-License-Identifier: Apache-2.0
// Declarations for all files of the module for sessions. It is in the same file as the module for
// tokens, and uses its key rings.
#pragma once

#include <string.h>

#include "../module.h"
#include "../revocations.h"
#include "sealring/binding.h"

extern "C" ngx_module_t ngx_http_sealring_session_module;

namespace sealring::nginx {

// The sessions of all locations with the same settings.
struct Kind {
  sealring_session_options options;
  sealring_binding_options binding;  // its size is 0: sessions are not bound
  Sealer* sealer;
  sealring_session_profile* profile;
  Kind* next;
};

// session_set
struct FieldToSet {
  ngx_str_t name;
  ngx_http_complex_value_t* value;
};

// One argument of session_require.
struct Requirement {
  ngx_str_t name;
  ngx_str_t value;
  bool any_value;
};

// The options of session_cookie. Texts end with a NUL; null: the default.
struct CookieOptions {
  const char* name;
  const char* path;
  const char* domain;
  const char* same_site;
  ngx_uint_t insecure;
  ngx_uint_t partitioned;
  size_t parts;
};

// The options of session_binding. Null or 0: the default.
struct BindingOptions {
  bool on;
  bool required;
  time_t refresh;
  time_t grace;
  const char* prefix;  // ends with a NUL
};

struct SessionConf {
  ngx_flag_t on;
  Setting place;  // of `session on`
  Setting cookie_place;
  CookieOptions cookie;
  ngx_str_t context;
  ngx_str_t subject;
  time_t idle;
  time_t lifetime;
  time_t renew;
  ngx_str_t header;
  ngx_array_t* fields_to_set;  // of FieldToSet
  ngx_array_t* requirements;   // of Requirement; empty: off
  Setting require_place;
  ngx_http_complex_value_t* login;
  ngx_flag_t end;
  ngx_flag_t activity;
  ngx_flag_t pass_cookie;
  Setting revocations;
  ngx_str_t agent;    // the path of its socket; null data: none
  bool refuse_stale;  // lists
  Setting binding_place;
  BindingOptions binding;

  // Set when everything is merged.
  const ngx_http_conf_ctx_t* configurations;
  bool served;  // false if this level only contains others
  Kind* kind;
  SessionConf* next;
};

// Of options; null: the default.
inline bool same_text(const char* a, const char* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return strcmp(a, b) == 0;
}

inline const char* name_of_session(const Kind& kind) {
  return kind.options.cookie != nullptr ? kind.options.cookie : "__Host-session";
}

struct SessionMainConf {
  Kind* kinds;
  SessionConf* confs;
  ngx_int_t http_cookie;  // the index of this variable
};

struct SessionServerConf {
  ngx_array_t bindings;  // of const SessionConf*: one for each prefix
};

// The session of a request and its subrequests.
struct RequestSession {
  Kind* kind;
  sealring_sealer* sealer;
  sealring_session* session;
  bool ended;       // by session_end, in any location that the request came to
  bool changed;     // by session_header, in any answer
  bool signed_out;  // by session_end, or a session_header without fields
  bool unchecked;   // session_require let the request in where another check had refused it
  bool sent;        // its cookies are in the response
  bool failed;      // could not be opened or sealed; this was logged
  bool given_up;    // and the request is answered with 500 for that
};

// The Cookie headers of a request and its subrequests, before any cookie was cut out. There are
// others after another module has replaced them.
struct Cookies {
  ngx_table_elt_t* headers;
  ngx_str_t* values;
  ngx_uint_t count;
  struct CutCookies* cut;
};

// Their values without the cookies of one kind of session.
struct CutCookies {
  const Kind* kind;
  const ngx_str_t* values;
  const CutCookies* next;
};

// Adds an entry to a pool's list of cleanups, where `marker`, which does nothing, marks it. Module
// contexts would be lost in an internal redirect. Subrequests share the pool.
template <typename Entry>
Entry* add_entry(ngx_http_request_t* r, ngx_pool_cleanup_pt marker) {
  ngx_pool_cleanup_t* entry = ngx_pool_cleanup_add(r->pool, sizeof(Entry));
  if (entry == nullptr) return nullptr;
  entry->handler = marker;
  ngx_memzero(entry->data, sizeof(Entry));
  return static_cast<Entry*>(entry->data);
}

// Marks the entries of RequestSession.
void session_marker(void*);

// Calls visit(session) for each session of a request: there are several if it came to locations
// with different settings.
template <typename Visit>
void for_each_session(const ngx_http_request_t* r, Visit visit) {
  for (const ngx_pool_cleanup_t* entry = r->pool->cleanup; entry != nullptr; entry = entry->next) {
    if (entry->handler == session_marker) visit(static_cast<RequestSession*>(entry->data));
  }
}

inline SessionConf* session_conf(const ngx_http_request_t* r) {
  return static_cast<SessionConf*>(
      ngx_http_get_module_loc_conf(r, ngx_http_sealring_session_module));
}

inline SessionMainConf* session_main_conf(ngx_conf_t* cf) {
  return static_cast<SessionMainConf*>(
      ngx_http_conf_get_module_main_conf(cf, ngx_http_sealring_session_module));
}

// directives.cc and binding_directive.cc
extern ngx_command_t session_commands[];
bool is_name_of_variable(const ngx_str_t& field);
char* set_session_binding(ngx_conf_t* cf, ngx_command_t* command, void* conf);

// configuration.cc
void* create_session_main_conf(ngx_conf_t* cf);
void* create_session_server_conf(ngx_conf_t* cf);
void* create_session_conf(ngx_conf_t* cf);
char* merge_session_conf(ngx_conf_t* cf, void* parent, void* child);
ngx_int_t add_session_variables(ngx_conf_t* cf);
ngx_int_t finish_session_configuration(ngx_conf_t* cf);
// Whether any level has sessions, or asks for them.
bool uses_sessions(ngx_conf_t* cf);

// binding_configuration.cc
sealring_binding_options binding_options_of(const SessionConf& conf);
bool same_binding(const sealring_binding_options& a, const sealring_binding_options& b);
bool bind_profile(ngx_conf_t* cf, const SessionConf& conf, Kind* kind);
// Lets the server answer the two requests of browsers.
bool add_binding(ngx_conf_t* cf, const SessionConf& conf);

// warnings.cc: problems that do not prevent the configuration from being loaded.
void warn_of_kind(ngx_conf_t* cf, const SessionConf& conf);
void warn_of_return(ngx_conf_t* cf, const SessionConf& conf);
void note_sessions_without_tls(ngx_conf_t* cf);

// request.cc

// Opens the session at the first call for a request. Null if sessions are off, or if there is no
// memory.
RequestSession* session_of(ngx_http_request_t* r);
sealring_session* new_session(ngx_http_request_t* r, const Kind* kind);
bool has_session(const RequestSession& found);
// Finds a field by its name. Null data: not found.
ngx_str_t find_field(const RequestSession& found, const ngx_str_t& name);
// By the name of a variable: the field of that name, or one where `_` stands for `-` or `.`.
ngx_str_t find_field_of_variable(const RequestSession& found, const ngx_str_t& name);
sealring_session_info describe(const RequestSession& found);
struct IdHash {
  char text[SEALRING_SESSION_ID_HASH_SIZE];
};
IdHash id_hash_of(const RequestSession& found);  // for logs; empty where it is unknown
void log_refusal(ngx_http_request_t* r, const RequestSession& found);

// cookies.cc. Null or false: there is no memory.

Cookies* cookies_of(ngx_http_request_t* r);
// Reads a session's cookies, once for each session, and returns what is left of the values.
const ngx_str_t* read_session_cookies(ngx_http_request_t* r, Cookies* cookies, const Kind* kind,
                                      sealring_session* session);
// Whether the request has exactly these values, apart from empty ones: the same memory, because a
// module that changes a header gives it other memory.
bool has_cookies(const ngx_http_request_t* r, const ngx_str_t* values, ngx_uint_t count);
// Gives a request these Cookie headers with these values, without empty ones, and takes the header
// `removed` away, if that is not empty.
bool set_cookies(ngx_http_request_t* r, const Cookies& cookies, const ngx_str_t* values,
                 const ngx_str_t& removed);
// Gives a request the Cookie headers that an upstream gets: those that it came with, with the
// session's cookies or without them. Also takes the header of session_header away.
bool pass_cookies(ngx_http_request_t* r, const SessionConf& conf);

// headers.cc
inline bool is_header(const ngx_table_elt_t& header, const ngx_str_t& name) {
  return header.hash != 0 && header.key.len == name.len &&
         (memcmp(header.key.data, name.data, name.len) == 0 ||
          ngx_strncasecmp(header.key.data, name.data, name.len) == 0);
}
// Of a request; null: there is none.
const ngx_table_elt_t* find_header(const ngx_http_request_t* r, const ngx_str_t& name);
// As an application behind CGI would see it, where `-` and `_` are one.
bool has_request_header(ngx_http_request_t* r, const ngx_str_t& name);
// Gives a request these Cookie headers in place of those that it has, and takes the header
// `removed` away, if that is not empty.
bool replace_request_headers(ngx_http_request_t* r, const ngx_str_t& removed,
                             const ngx_table_elt_t* cookies, ngx_uint_t count);
ngx_table_elt_t* add_response_header(ngx_http_request_t* r, const ngx_str_t& name,
                                     const ngx_str_t& value);
bool may_be_shared(ngx_http_request_t* r);
bool forbid_storing(ngx_http_request_t* r);
// A response that is only for this client must not be stored for others.
void keep_out_of_cache(ngx_http_request_t* r);

// binding.cc: sessions that are bound to a device
ngx_int_t answer_device(ngx_http_request_t* r);  // if this is one of the two requests of a browser
bool is_of_device(const ngx_http_request_t* r);
bool offer_registration(ngx_http_request_t* r, const RequestSession& found);

// prior.cc: the sids from before sessions were bound
void revoke_prior(const RequestSession& found, ngx_log_t* log);
void revoke_all_prior(ngx_cycle_t* cycle);  // when a worker ends

// writing.cc: from a session to the response
bool have_same_cookie(const Kind& a, const Kind& b);
bool seal_session(ngx_http_request_t* r, RequestSession* found);
bool write_session_cookies(ngx_http_request_t* r, const RequestSession& found);
// The session that came is over, or another one has replaced it.
void revoke_former(const RequestSession& found, ngx_log_t* log);
enum class Wanted { all, all_but_renewal, only_changes };
// False: the response would promise what was not done, so it must not be sent.
bool write_session(ngx_http_request_t* r, RequestSession* found, Wanted wanted);
// When the response's header was sent before: only revokes what has ended. `header` said so.
void write_too_late(ngx_http_request_t* r, const RequestSession& found, const ngx_str_t& header);

// finish.cc: what the response does to the request's sessions. Null: the location that answers has
// none. False: as above.
bool finish_sessions(ngx_http_request_t* r, const SessionConf& conf, RequestSession* found);

// access.cc and filter.cc
ngx_int_t install_session_handlers(ngx_conf_t* cf);
void install_session_filter();

}  // namespace sealring::nginx
