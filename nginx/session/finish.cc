// SPDX-License-Identifier: Apache-2.0
// What the response to the main request does to its sessions: that of the location that answers,
// and those of locations with other settings that the request came to before.
#include <string.h>

#include "session.h"

namespace sealring::nginx {
namespace {

bool set_fields(ngx_http_request_t* r, const SessionConf& conf, RequestSession* found) {
  if (conf.fields_to_set == nullptr) return true;
  const auto* field = static_cast<const FieldToSet*>(conf.fields_to_set->elts);
  for (ngx_uint_t i = 0; i < conf.fields_to_set->nelts; ++i) {
    ngx_str_t value;
    if (ngx_http_complex_value(r, field[i].value, &value) != NGX_OK) return false;
    if (value.len == 0) continue;
    if (found->failed) return false;
    // The value of a variable may be a view of memory that is freed earlier.
    auto* copy = static_cast<u_char*>(ngx_pnalloc(r->pool, value.len));
    if (copy == nullptr) return false;
    ngx_memcpy(copy, value.data, value.len);
    const ngx_str_t& name = field[i].name;
    const sealring_status status = sealring_session_set(
        found->session, text_of(name), name.len, reinterpret_cast<const char*>(copy), value.len);
    if (status == SEALRING_OK) continue;
    if (status == SEALRING_INVALID_ARGUMENT) {
      ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                    "session_set: the value for \"%V\" has a byte 0, which no field may have",
                    &name);
    } else {
      ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                    "session_set: the session has no room for \"%V\"; it holds at most %d fields",
                    &name, SEALRING_SESSION_MAX_FIELDS);
    }
    return false;
  }
  return true;
}

// What session_set says where a check has refused the request is not to be trusted: it may come
// from the credential that was refused.
bool was_let_in_unchecked(const ngx_http_request_t* r) {
  bool unchecked = false;
  for_each_session(r,
                   [&](const RequestSession* each) { unchecked = unchecked || each->unchecked; });
  return unchecked;
}

// Whether the client sends one session to both.
bool have_same_session(const Kind& a, const Kind& b) {
  const auto context_of = [](const Kind& kind) {
    return kind.options.context != nullptr ? kind.options.context : name_of_session(kind);
  };
  const auto subject_of = [](const Kind& kind) {
    return kind.options.subject != nullptr ? kind.options.subject : "user";
  };
  return have_same_cookie(a, b) && a.sealer == b.sealer &&
         same_text(context_of(a), context_of(b)) && same_text(subject_of(a), subject_of(b));
}

bool was_good(const RequestSession& session) {
  const int32_t state = describe(session).state;
  return state == SEALRING_SESSION_GOOD || state == SEALRING_SESSION_DUE;
}

// What is good with the settings of one location and over or refused with those of another is no
// session there, and no change makes it one.
bool can_take_over(const RequestSession& from, const RequestSession& to) {
  return have_same_session(*from.kind, *to.kind) && was_good(from) == was_good(to);
}

// An upstream's answer has changed the session under other settings.
bool take_over(ngx_http_request_t* r, const RequestSession& from, RequestSession* to) {
  const size_t size = sealring_session_text_size(from.session);
  auto* text = static_cast<char*>(ngx_pnalloc(r->pool, size + 1));
  if (text == nullptr) return false;
  sealring_session_text(from.session, text);
  to->changed = true;
  return sealring_session_replace(to->session, text, size, nullptr) == SEALRING_OK;
}

struct Answer {
  bool is_good;
  bool is_refusal;  // of the request: a form on another site must not sign anybody out
};

bool ends(const RequestSession& session, const Answer& answer) {
  return session.ended && !answer.is_refusal;
}

void end(RequestSession* session) {
  sealring_session_end(session->session);
  session->signed_out = true;
}

bool is_to_write(const RequestSession& session, const Answer& answer) {
  return !session.given_up && (session.changed || ends(session, answer));
}

// The session of the location that answers, as others have left it.
bool finish_own(ngx_http_request_t* r, const SessionConf& conf, const Answer& answer,
                RequestSession* found) {
  bool done = true;
  Wanted wanted = conf.activity != 0 ? Wanted::all : Wanted::all_but_renewal;
  for_each_session(r, [&](const RequestSession* other) {
    if (other == found || !is_to_write(*other, answer) || other->failed ||
        !have_same_cookie(*other->kind, *found->kind)) {
      return;
    }
    if (ends(*other, answer)) {
      found->ended = true;
    } else if (!can_take_over(*other, *found)) {
      wanted = Wanted::only_changes;
    } else if (!found->changed && !found->failed) {
      done = done && take_over(r, *other, found);
    }
  });
  if (!done) return false;
  if (answer.is_good && !was_let_in_unchecked(r) && !set_fields(r, conf, found)) return false;
  if (found->failed) return !ends(*found, answer);
  if (ends(*found, answer)) end(found);
  return write_session(r, found, wanted);
}

}  // namespace

bool finish_sessions(ngx_http_request_t* r, const SessionConf& conf, RequestSession* found) {
  const ngx_uint_t status = r->headers_out.status;
  const Answer answer = {status >= 200 && status < 400, status >= 400 && status < 500};
  bool done = found == nullptr || found->given_up || finish_own(r, conf, answer, found);
  for_each_session(r, [&](RequestSession* other) {
    if (!done || other == found || !is_to_write(*other, answer)) return;
    if (ends(*other, answer) && !other->failed) end(other);
    done = !other->failed && write_session(r, other, Wanted::only_changes);
  });
  return done;
}

}  // namespace sealring::nginx
