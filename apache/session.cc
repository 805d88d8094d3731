// SPDX-License-Identifier: Apache-2.0
// Hooks of mod_session. On its way out a session is text of mod_session, then a token of ours, then
// what mod_session_cookie or mod_session_dbd keep; on its way in, the reverse.
#include <apr_strings.h>
#include <http_request.h>
#include <string.h>

#include "views.h"

namespace sealring::apache {

void log_not_opened(request_rec* r, sealring_status status, const char* detail) {
  ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, APLOGNO(01840) "cannot open the session: %s",
                detail != nullptr ? detail : sealring_status_name(status));
}

void log_refused(request_rec* r, sealring_status reason, const char* kid, const char* detail) {
  ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, APLOGNO(01842) "session refused: %s%s%s%s%s%s",
                sealring_status_name(reason), *kid != '\0' ? ", key " : "", kid,
                *detail != '\0' ? " (" : "", detail, *detail != '\0' ? ")" : "");
}

void log_not_sealed(request_rec* r, sealring_status status, const char* detail) {
  ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, APLOGNO(01841) "cannot seal the session: %s",
                detail != nullptr ? detail : sealring_status_name(status));
}

namespace {

// A session with a later end gets a token that does not expire; its payload still has the end.
constexpr int64_t kMaxLifetime = int64_t{100} * 365 * 86400;

bool has_text(const session_rec* session) {
  return session->encoded != nullptr && *session->encoded != '\0';
}

// A token expires with its session: in the second in which mod_session will drop it. 0: never.
uint64_t lifetime_of(const session_rec* session, int64_t now) {
  if (session->expiry == 0) return 0;
  const int64_t end = apr_time_sec(session->expiry - 1) + 1;
  if (end <= now) return 1;
  return end - now > kMaxLifetime ? 0 : static_cast<uint64_t>(end - now);
}

// Those of the application, beside mod_session's end.
bool has_fields(const session_rec* session) {
  const apr_array_header_t* entries = apr_table_elts(session->entries);
  for (int i = 0; i < entries->nelts; ++i) {
    if (strcmp(element<apr_table_entry_t>(entries, i).key, "expiry") != 0) return true;
  }
  return false;
}

// What the client has is not replaced by nothing where it is not known here: it may be good in
// another place, or later.
bool is_to_be_left(session_rec* session, const View* view) {
  const bool is_unknown = view->is_refused || (view->terms.in_clear && !is_first(session, view));
  return is_unknown && session->dirty == 0 && !has_fields(session);
}

// The sections that apply to this request leave no key to seal with.
apr_status_t log_no_keys(request_rec* r) {
  ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                "no session: neither a SessionCryptoKeyring nor a SessionCryptoPassphrase is in "
                "effect for %s, and it must not be in plain text",
                r->uri);
  return APR_EGENERAL;
}

// It was opened, or made, where other directives are in effect. mod_session saves what it has just
// loaded, so only another module gets here.
apr_status_t log_of_another_place(request_rec* r, session_rec* session) {
  session->encoded = nullptr;
  ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                "no session: it is of a place with other keys, another context or another list "
                "than %s",
                r->uri);
  return APR_EGENERAL;
}

// A failure keeps the session from being saved: never in plain text.
apr_status_t encode(request_rec* r, session_rec* session) {
  const DirConf& conf = conf_of(r);
  const Keys keys = conf.keys();
  View* view = view_for(session, conf);
  if (view == nullptr) return log_of_another_place(r, session);
  view->is_left = is_to_be_left(session, view);
  if (view->is_left) session->encoded = nullptr;
  if (view->is_left || is_left_in_clear(conf)) return OK;
  if (!has_text(session)) {
    if (conf.revocations == nullptr || view->kept == nullptr) return OK;
    session->encoded = "";  // it was emptied, which is a logout
  }
  if (!keys.any()) return log_no_keys(r);
  const int64_t now = apr_time_sec(apr_time_now());
  sealring_sealer* sealer = ready_sealer(conf, now, r);
  if (sealer == nullptr) return APR_EGENERAL;
  if (keys.ring_file != nullptr) return seal_session(r, session, view, conf, sealer, now);

  const size_t payload_size = strlen(session->encoded);
  const size_t capacity = sealring_sealed_size(sealer, payload_size);
  auto* token = static_cast<char*>(apr_palloc(r->pool, capacity + 1));
  sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
  const sealring_status status =
      sealring_seal(sealer, now, lifetime_of(session, now), "", 0, session->encoded, payload_size,
                    token, capacity, &sealed);
  if (status != SEALRING_OK) {
    log_not_sealed(r, status, sealed.detail);
    return APR_EGENERAL;
  }
  token[sealed.token_size] = '\0';
  session->encoded = token;
  return OK;
}

// A refused token is an empty session, which mod_session goes on with. Had this failed instead,
// mod_session would make another session that it never saves, and a login would not last.
apr_status_t decode(request_rec* r, session_rec* session) {
  const DirConf& conf = conf_of(r);
  const Keys keys = conf.keys();
  View* view = turn_to_view(r, session, conf);
  if (!has_text(session) || is_left_in_clear(conf)) return OK;
  const char* token = session->encoded;
  session->encoded = nullptr;
  view->is_refused = true;
  if (!keys.any()) return log_no_keys(r);
  const int64_t now = apr_time_sec(apr_time_now());
  sealring_sealer* sealer = ready_sealer(conf, now, r);
  if (sealer == nullptr) return APR_EGENERAL;
  const size_t token_size = strlen(token);
  if (keys.ring_file != nullptr) {
    return open_session(r, session, view, conf, sealer, now, token, token_size);
  }

  const size_t capacity = sealring_opened_size(sealer, token_size);
  auto* buffer = static_cast<char*>(apr_palloc(r->pool, capacity + 1));
  sealring_opened opened = SEALRING_INIT(sealring_opened);
  const sealring_status status =
      sealring_open(sealer, now, "", 0, token, token_size, buffer, capacity, &opened);
  if (status >= SEALRING_BUFFER_TOO_SMALL) {
    log_not_opened(r, status, opened.detail);
    return APR_EGENERAL;
  }
  view->is_refused = status != SEALRING_OK && status != SEALRING_EXPIRED;
  if (status != SEALRING_OK) {
    log_refused(r, status, opened.kid, opened.detail != nullptr ? opened.detail : "");
    return OK;
  }
  // The payload lies in the buffer, not necessarily at its start.
  char* payload = buffer + (reinterpret_cast<const char*>(opened.payload) - buffer);
  payload[opened.payload_size] = '\0';
  session->encoded = payload;
  // A payload without an end, as a backend may make one, gets the token's, which then also holds
  // when the session is written again.
  session->expiry = apr_time_from_sec(static_cast<int64_t>(opened.expires_at));
  return OK;
}

// mod_session may find in the payload that the session has ended: the old tokens have their end
// only there. Such a session, too, continues as an empty one.
apr_status_t drop_expired(request_rec* r, session_rec* session) {
  const DirConf& conf = conf_of(r);
  if (is_left_in_clear(conf) || session->expiry == 0 || session->expiry >= apr_time_now()) {
    return OK;
  }
  ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, APLOGNO(01842) "session refused: expired");
  apr_table_clear(session->entries);
  session->expiry = 0;
  View* view = view_for(session, conf);
  if (view != nullptr) view->kept = nullptr;
  return OK;
}

int leave(request_rec* r, session_rec* session) {
  const View* view = view_for(session, conf_of(r));
  return view != nullptr && view->is_left ? OK : DECLINED;
}

const request_rec* before(const request_rec* r) {
  return r->prev != nullptr ? r->prev : r->main;
}

// httpd hands the environment on to the place where a redirect or a part of a page leads, with the
// session in it. mod_session puts in what this place is to see.
int hide_session_of_before(request_rec* r) {
  const char* name = "HTTP_SESSION";
  for (const request_rec* one = before(r); one != nullptr; one = before(one)) {
    if (is_left_in_clear(conf_of(const_cast<request_rec*>(one)))) continue;
    // Each redirect puts one more prefix before it.
    for (const request_rec* hop = r; hop != nullptr; hop = hop->prev) {
      apr_table_unset(r->subprocess_env, name);
      name = apr_pstrcat(r->pool, "REDIRECT_", name, nullptr);
    }
    return DECLINED;
  }
  return DECLINED;
}

// After FallbackResource the environment has the session of the place where it led, and then that
// of the place where it began, which a CGI program would get.
int show_one_session(request_rec* r) {
  const char* shown = apr_table_get(r->subprocess_env, "HTTP_SESSION");
  if (shown != nullptr) apr_table_setn(r->subprocess_env, "HTTP_SESSION", shown);
  return DECLINED;
}

}  // namespace

void register_session_hooks() {
  static const char* const after_mod_session[] = {"mod_session.c", nullptr};
  ap_hook_session_encode(encode, nullptr, nullptr, APR_HOOK_LAST);
  ap_hook_session_save(leave, nullptr, nullptr, APR_HOOK_FIRST);
  ap_hook_session_decode(decode, nullptr, nullptr, APR_HOOK_FIRST);
  ap_hook_fixups(hide_session_of_before, nullptr, nullptr, APR_HOOK_REALLY_FIRST);
  ap_hook_fixups(show_one_session, nullptr, nullptr, APR_HOOK_REALLY_LAST);
  ap_hook_session_decode(drop_expired, after_mod_session, nullptr, APR_HOOK_REALLY_LAST);
}

}  // namespace sealring::apache
