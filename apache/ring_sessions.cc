// SPDX-License-Identifier: Apache-2.0
// Sessions of a key ring: they have a sid and an absolute end, which the core knows of. What it
// remembers of a session that was opened lives as long as mod_session's.
#include <apr_strings.h>
#include <string.h>

#include "revocations.h"
#include "views.h"

namespace sealring::apache {
namespace {

constexpr int64_t kLastSecond = INT64_MAX / APR_USEC_PER_SEC;

apr_time_t time_of(int64_t seconds) {
  return seconds > kLastSecond ? 0 : apr_time_from_sec(seconds);
}

sealring_session* add(session_rec* session, View* view, const DirConf& conf) {
  sealring_session_terms terms = SEALRING_INIT(sealring_session_terms);
  terms.context = conf.context;
  terms.subject = conf.subject;
  terms.lifetime = conf.lifetime;
  view->kept =
      sealring_session_init_mod_session(apr_palloc(session->pool, sealring_session_size()), &terms);
  return view->kept;
}

sealring_session* opened_or_new(session_rec* session, View* view, const DirConf& conf) {
  return view->kept != nullptr ? view->kept : add(session, view, conf);
}

sealring_session_info describe(const sealring_session* session) {
  sealring_session_info info = SEALRING_INIT(sealring_session_info);
  if (sealring_session_describe(session, &info) != SEALRING_OK) {
    info = SEALRING_INIT(sealring_session_info);
  }
  return info;
}

// For logs; empty where it is unknown.
struct IdHash {
  char text[SEALRING_SESSION_ID_HASH_SIZE];
};

IdHash id_hash_of(const sealring_session* session, sealring_sealer* sealer) {
  IdHash hash;
  if (sealring_session_id_hash(session, sealer, hash.text) != SEALRING_OK) *hash.text = '\0';
  return hash;
}

// True for every token format except the old nginx one, which passes by chance once in 2^60.
bool is_text(const char* token, size_t size) {
  return size ==
         strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=._-");
}

// A ring that was changed after the start may do this.
void log_binary_token(request_rec* r, const DirConf& conf) {
  ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                APLOGNO(01841) "cannot seal the session: the key that seals in \"%s\" is an "
                "nginx-legacy key, whose tokens are binary and fit no session; add one that seals: "
                "sealring keyring rotate --activate-in 0 %s",
                conf.ring_file, conf.ring_file);
}

void log_no_token(request_rec* r, const DirConf& conf, sealring_status status, const char* detail) {
  if (status == SEALRING_NO_PRIMARY_KEY) {
    const char* file = conf.ring_file;
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  APLOGNO(01841) "cannot seal the session: no key of \"%s\" may seal now; look with \"sealring "
                  "keyring list %s\", fix with \"sealring keyring rotate --activate-in 0 %s\"",
                  file, file, file);
  } else {
    log_not_sealed(r, status, detail);
  }
}

void log_refusal(request_rec* r, const sealring_session_info& info, const IdHash& hash,
                 int64_t now) {
  char end[SEALRING_SESSION_END_SIZE];
  sealring_session_end_text(&info, now, end);
  const char* why = info.detail != nullptr ? info.detail : "";
  if (*end != '\0') {
    why = apr_pstrcat(r->pool, end, *hash.text != '\0' ? ", session " : "", hash.text, nullptr);
  } else if (info.reason == SEALRING_REVOKED && info.detail == nullptr && *hash.text != '\0') {
    why = apr_pstrcat(r->pool, "session ", hash.text, nullptr);
  }
  log_refused(r, info.reason, info.kid, why);
}

// What is to be sealed, from the text that mod_session has now.
sealring_status prepare(request_rec* r, session_rec* session, sealring_session* kept,
                        sealring_sealer* sealer, int64_t now, int32_t* change) {
  int ignored = 0;
  char* text = apr_pstrdup(session->pool, session->encoded);
  sealring_status status = sealring_session_replace(kept, text, strlen(text), &ignored);
  if (ignored != 0) {
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                  "session: the application sets a reserved field (sid, auth_time, bound or "
                  "prior), which is ignored; remove it from what it answers in SessionHeader");
  }
  if (status == SEALRING_OK) status = sealring_session_prepare(kept, sealer, now, change);
  return status;
}

void log_started(request_rec* r, const IdHash& hash) {
  ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, "session started: session %s", hash.text);
}

}  // namespace

apr_status_t seal_session(request_rec* r, session_rec* session, View* view, const DirConf& conf,
                          sealring_sealer* sealer, int64_t now) {
  sealring_session* kept = opened_or_new(session, view, conf);
  const bool was_good = describe(kept).reason == SEALRING_OK;
  int32_t change = SEALRING_CHANGE_NONE;
  sealring_status status = prepare(r, session, kept, sealer, now, &change);
  if (status != SEALRING_OK) {
    log_no_token(r, conf, status,
                 status == SEALRING_MALFORMED
                     ? "it has more than 64 fields, or their text more than 65536 bytes"
                     : nullptr);
    return APR_EGENERAL;
  }
  if (change == SEALRING_CHANGE_NONE) {
    // It was emptied, or revoked while it was in use.
    revoke_former(r, conf, kept, sealer, now);
    const sealring_session_info info = describe(kept);
    if (was_good && info.reason != SEALRING_OK) {
      log_refusal(r, info, id_hash_of(kept, sealer), now);
    }
    session->encoded = "";
    return OK;
  }
  const size_t capacity = sealring_session_seal_size(kept, sealer);
  auto* buffer = static_cast<char*>(apr_palloc(session->pool, capacity + 1));
  sealring_text sealed = {};
  status = sealring_session_seal_token(kept, sealer, now, buffer, capacity, &sealed);
  const sealring_session_info info = describe(kept);
  if (status != SEALRING_OK) {
    log_no_token(r, conf, status, info.detail);
    return APR_EGENERAL;
  }
  char* token = buffer + (sealed.data - buffer);
  token[sealed.size] = '\0';
  if (!is_text(token, sealed.size)) {
    explicit_bzero(token, sealed.size);
    log_binary_token(r, conf);
    return APR_EGENERAL;
  }
  revoke_former(r, conf, kept, sealer, now);
  session->encoded = token;
  session->expiry = time_of(info.expires_at);
  if (change == SEALRING_CHANGE_STARTED) log_started(r, id_hash_of(kept, sealer));
  note_token(r, token, sealed.size);
  return OK;
}

apr_status_t open_session(request_rec* r, session_rec* session, View* view, const DirConf& conf,
                          sealring_sealer* sealer, int64_t now, const char* token, size_t size) {
  sealring_session* kept = add(session, view, conf);
  const size_t capacity = sealring_opened_size(sealer, size);
  const sealring_status status = sealring_session_open_token(
      kept, sealer, now, token, size, apr_palloc(session->pool, capacity), capacity);
  const sealring_session_info info = describe(kept);
  if (status != SEALRING_OK) {
    log_not_opened(r, status, info.detail);
    return APR_EGENERAL;
  }
  view->is_refused = info.reason != SEALRING_OK && info.over == 0;
  if (info.reason != SEALRING_OK) {
    log_refusal(r, info, id_hash_of(kept, sealer), now);
    return OK;
  }
  const size_t text_size = sealring_session_text_size(kept);
  auto* text = static_cast<char*>(apr_palloc(session->pool, text_size + 1));
  text[sealring_session_text(kept, text)] = '\0';
  session->encoded = text;
  // A text without an end, as nginx or a backend may make one, gets the token's, which then also
  // holds when the session is written again.
  session->expiry = time_of(info.expires_at);
  return OK;
}

}  // namespace sealring::apache
