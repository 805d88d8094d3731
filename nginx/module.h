// SPDX-License-Identifier: Apache-2.0
// Declarations for all files of the nginx module. It uses nginx, the NDK and sealring's C ABI, and
// nothing else.
#pragma once

extern "C" {
#include <ndk.h>
}

#include "sealring/sealring.h"

extern "C" ngx_module_t ngx_http_encrypted_session_module;

namespace sealring::nginx {

// Like ngx_string, without the C-style cast.
template <size_t size>
ngx_str_t literal(const char (&text)[size]) {
  return {size - 1, reinterpret_cast<u_char*>(const_cast<char*>(text))};
}

inline const char* text_of(const ngx_str_t& text) {
  return reinterpret_cast<const char*>(text.data);
}

// The value of a directive and its place in the configuration, for messages after parsing.
struct Setting {
  ngx_str_t value;  // data is null if the directive is absent or "off"
  ngx_str_t file;
  ngx_uint_t line;
  ngx_uint_t level;  // 0 is http, 1 a server, and so on
  bool named;        // set at this level, not inherited

  bool is_set() const { return value.data != nullptr; }
};

// Keys that seal and open together: a key ring file, the old key, or both. Locations with the same
// keys share one Ring, so a cycle has one key ring for them.
struct Ring {
  ngx_str_t path;
  ngx_str_t key;
  ngx_str_t iv;
  int64_t legacy_end;
  sealring_keyring* keyring;
  Ring* next;
};

struct RevocationList;  // revocations.h

// One for all locations with the same ring and the same revocation list.
struct Sealer {
  Ring* ring;
  RevocationList* list;     // null: none
  bool refuse_stale;        // a list that may be out of date refuses everything
  sealring_sealer* sealer;  // made in the worker
  Sealer* next;
};

struct MainConf {
  Ring* rings;
  Sealer* sealers;
  RevocationList* lists;
  ngx_shm_zone_t* counters;  // null: nothing is counted
  ngx_array_t cookies;       // the variables $cookie_NAME that set_decrypt_session opens, by index
  // These warnings come once per configuration, not once per location.
  bool warned_of_legacy_alone;
  bool warned_of_legacy_without_end;
  bool warned_of_legacy_ended;
  bool warned_of_idle_context;
  Setting idle_context;  // a context that is in effect with neither a ring nor a key
};

inline MainConf* main_conf(ngx_conf_t* cf) {
  return static_cast<MainConf*>(
      ngx_http_conf_get_module_main_conf(cf, ngx_http_encrypted_session_module));
}

// Null in a cycle without an http block.
inline MainConf* main_conf(const ngx_cycle_t* cycle) {
  return static_cast<MainConf*>(
      ngx_http_cycle_get_module_main_conf(cycle, ngx_http_encrypted_session_module));
}

// Zero-filled; `expires` is NGX_CONF_UNSET if its directive is absent.
struct LocationConf {
  Setting key;
  Setting iv;
  Setting keyring;
  Setting context;
  Setting legacy_until;
  Setting revocations;
  time_t expires;
  int64_t legacy_end;  // the midnight that ends the day of legacy_until
  ngx_http_complex_value_t* context_value;
  ngx_uint_t level;
  bool seals_or_opens;  // it has set_encrypt_session or set_decrypt_session
  Sealer* sealer;       // null if neither a key nor a key ring is configured
};

// Like ngx_conf_log_error, but names the place where the directive was read.
template <typename... Arguments>
void complain(ngx_uint_t level, ngx_conf_t* cf, const Setting& about, const char* format,
              Arguments... arguments) {
  u_char text[NGX_MAX_CONF_ERRSTR];
  const u_char* end = ngx_snprintf(text, sizeof(text), format, arguments...);
  ngx_log_error(level, cf->log, 0, "%*s in %V:%ui", static_cast<size_t>(end - text), text,
                &about.file, about.line);
}

// directives.cc: directives that set a value.

// Compiles a text that may have variables. If that fails, logs a message and returns null.
ngx_http_complex_value_t* compile_value(ngx_conf_t* cf, ngx_str_t* text);
char* set_key(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_iv(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_expires(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_file(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_context(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_legacy_until(ngx_conf_t* cf, ngx_command_t* command, void* conf);

// configuration.cc: from directives to the settings of a location.

// Whether requests are served with this level's own configuration. If not, the level only passes
// its settings on to inner levels, and they are checked there.
bool is_served(ngx_conf_t* cf);
void* create_main_conf(ngx_conf_t* cf);
void* create_location_conf(ngx_conf_t* cf);
char* merge_location_conf(ngx_conf_t* cf, void* parent, void* child);
ngx_int_t finish_configuration(ngx_conf_t* cf);

// rings.cc: the rings of a cycle.
Ring* ring_for(ngx_conf_t* cf, const LocationConf& conf);
void warn_of_unreadable_rings(ngx_cycle_t* cycle, const Ring* first, const ngx_core_conf_t& core);

// sealers.cc: the sealers of a worker.
Sealer* sealer_for(ngx_conf_t* cf, Ring* ring, RevocationList* list, bool refuse_stale);
sealring_sealer* ready_sealer(Sealer* sealer, int64_t now, ngx_log_t* log);

// set_var.cc: set_encrypt_session and set_decrypt_session, applied to a value.
using Filter = ngx_int_t (*)(ngx_http_request_t* r, ngx_str_t value, ngx_str_t* result);
ngx_int_t encrypt_session(ngx_http_request_t* r, ngx_str_t payload, ngx_str_t* token);
ngx_int_t decrypt_session(ngx_http_request_t* r, ngx_str_t token, ngx_str_t* payload);

// set_directive.cc: the two as directives, and as commands that Lua's ndk.set_var finds.
char* set_encrypt_session(ngx_conf_t* cf, ngx_command_t* command, void* conf);
char* set_decrypt_session(ngx_conf_t* cf, ngx_command_t* command, void* conf);
extern ndk_set_var_t encrypt_filter;
extern ndk_set_var_t decrypt_filter;

// cookie_variable.cc: $cookie_NAME, found faster where set_decrypt_session opens it.

// If an argument is such a variable and nothing else. False if there is no memory.
bool remember_cookie(ngx_conf_t* cf, const ngx_str_t& argument);
void take_over_cookies(ngx_cycle_t* cycle, const ngx_array_t& cookies);

// outcome.cc: the outcome of the last set_decrypt_session of a request, and its log lines.

// nginx adds the request line and the referrer to each log line of a request, and they may contain
// a token. While an object of this type exists, nginx adds the server's name and the location
// instead.
class PlaceInLog {
 public:
  explicit PlaceInLog(ngx_http_request_t* r);
  ~PlaceInLog();
  PlaceInLog(const PlaceInLog&) = delete;
  PlaceInLog& operator=(const PlaceInLog&) = delete;

 private:
  ngx_http_request_t* request_;
  decltype(ngx_http_request_t::log_handler) usual_;
};

struct Outcome {
  ngx_http_request_t* request;
  bool opened_none;  // there was nothing to open, or nothing was opened yet
  sealring_status status;
  uint64_t issued_at;
  uint64_t expires_at;
  char kid[SEALRING_KID_SIZE];
  const char* detail;               // a static phrase; null: nothing to add
  char id[SEALRING_TOKEN_ID_SIZE];  // of the token that was opened or sealed last
};
const Outcome* find_outcome(const ngx_http_request_t* r);
Outcome* outcome_of(ngx_http_request_t* r);  // if there was none, one that says so
Outcome* renew_outcome(ngx_http_request_t* r);
void log_refusal(ngx_http_request_t* r, const Outcome& outcome, int64_t now);

// variables.cc

// Give a variable its value. The text is not copied.
ngx_int_t give(ngx_http_variable_value_t* v, const void* data, size_t size);
ngx_int_t give_text(ngx_http_variable_value_t* v, const char* text);
ngx_int_t give_time(ngx_http_request_t* r, ngx_http_variable_value_t* v, uint64_t time);
// "OK", or "FAILED:" and the reason.
ngx_int_t give_verdict(ngx_http_request_t* r, ngx_http_variable_value_t* v, sealring_status status);
ngx_int_t add_variables(ngx_conf_t* cf);

}  // namespace sealring::nginx
