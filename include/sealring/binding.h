/* SPDX-License-Identifier: Apache-2.0
 *
 * sealring: sessions that are bound to a device (spec/device-binding.md). The browser makes a key
 * and proves again and again that it has it; a copy of its cookies is then worth nothing elsewhere.
 * What sealring.h and session.h say also applies here.
 *
 * A server:
 *   sealring_session_profile_bind  when it reads its configuration
 *   sealring_session_offer         in an answer that starts a session (SEALRING_CHANGE_STARTED)
 *   sealring_session_prior         after each sealring_session_prepare()
 *
 * The browser sends two kinds of requests, POST to the path PREFIXregister and PREFIXrefresh:
 *   sealring_session_open_to_bind  instead of sealring_session_open()
 *   sealring_session_register, _refresh           what to answer
 *   sealring_session_seal, _cookie                after REGISTERED; _cookie also after FORGED
 *   sealring_session_revocation, _prior           after FORGED
 *
 * A session that has the field `bound` opens only with its bound cookie, which
 * sealring_session_read_cookies() finds; otherwise it is refused as SEALRING_UNBOUND. That is so
 * with any profile. The client's cookies are not deleted then.
 */
#ifndef SEALRING_BINDING_H
#define SEALRING_BINDING_H

#include "session.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  SEALRING_BINDING_SIZE = 8192 /* bytes of the texts of an offer or an answer, at most */
};

/* Members that are NULL or 0 have the defaults given here. */
typedef struct sealring_binding_options {
  size_t size;
  int64_t refresh;    /* seconds that a bound cookie is good for: 600 */
  int64_t grace;      /* seconds that requests under way are still served: 60 */
  const char* prefix; /* of the two paths: "/session-binding/" */
  int required;       /* nonzero: a session with a subject that is not bound is refused as UNBOUND
                         `grace` seconds after the sign-in */
} sealring_binding_options;

/* From now on, sessions of this profile are offered to be bound. INVALID_ARGUMENT, with the reason
 * in the message, if browsers do not bind its cookie, or a member is out of bounds. The options are
 * copied. Call it before anything else uses the profile. Threads: one. */
SEALRING_STATUS sealring_session_profile_bind(sealring_session_profile* profile,
                                              const sealring_binding_options* options,
                                              sealring_error* error);

/* The value of the header `Secure-Session-Registration`, for the answer that starts a session:
 * after sealring_session_prepare(). Empty if there is nothing to offer: the profile does not bind,
 * or the session has no subject. `field` is in the buffer. Threads: the sealer's. */
SEALRING_STATUS sealring_session_offer(const sealring_session* session, sealring_sealer* sealer,
                                       int64_t now, char buffer[SEALRING_BINDING_SIZE],
                                       sealring_text* field);

/* As sealring_session_open(), but without asking for the bound cookie, for the two requests.
 * Threads: the sealer's. */
SEALRING_STATUS sealring_session_open_to_bind(sealring_session* session, sealring_sealer* sealer,
                                              int64_t now, void* buffer, size_t capacity);

enum {
  SEALRING_BINDING_REGISTERED = 0,  /* the session is bound: seal it, and send its cookies */
  SEALRING_BINDING_REFRESHED = 1,   /* there is a new bound cookie */
  SEALRING_BINDING_CHALLENGED = 2,  /* the browser has to sign a new challenge */
  SEALRING_BINDING_REFUSED = 3,     /* nothing changes */
  SEALRING_BINDING_GONE = 4,        /* nothing changes, and the browser forgets the binding */
  SEALRING_BINDING_FORGED = 5,      /* somebody else has signed: the session has ended; revoke it,
                                       and send its cookies, which delete it */
  SEALRING_BINDING_UNAVAILABLE = 6, /* the session does not open now: the browser tries again */
};

/* The texts are in the buffer; empty: the answer has none. Every answer also has
 * `Cache-Control: no-store`. */
typedef struct sealring_binding_answer {
  size_t size;
  int32_t outcome;         /* SEALRING_BINDING_... */
  int32_t status;          /* of HTTP */
  const char* detail;      /* why, for logs: a static English phrase; NULL: nothing to add */
  sealring_text challenge; /* the value of the header `Secure-Session-Challenge` */
  sealring_text cookie;    /* the value of the header `Set-Cookie` for the bound cookie */
  sealring_text body;      /* of the type application/json */
} sealring_binding_answer;

/* The values of the headers that the browser sent, without white space around them; NULL: there is
 * no such header. A header that is there twice is given as an empty text. `id`:
 * Sec-Secure-Session-Id; `proof`: Secure-Session-Response. The buffer must live as long as the
 * session. Errors: only operational ones, for which the status is 503. Threads: the sealer's. */
SEALRING_STATUS sealring_session_register(sealring_session* session, sealring_sealer* sealer,
                                          int64_t now, const sealring_text* proof,
                                          char buffer[SEALRING_BINDING_SIZE],
                                          sealring_binding_answer* answer);
SEALRING_STATUS sealring_session_refresh(sealring_session* session, sealring_sealer* sealer,
                                         int64_t now, const sealring_text* id,
                                         const sealring_text* proof,
                                         char buffer[SEALRING_BINDING_SIZE],
                                         sealring_binding_answer* answer);

/* As sealring_session_revocation(), but what has to be revoked is the session from before this one
 * was bound, and not before its `revoked_at`, which may be later than now: until then, requests
 * with the old cookie are still under way. There is nothing if it is revoked already. Threads: the
 * sealer's. */
SEALRING_STATUS sealring_session_prior(const sealring_session* session, sealring_sealer* sealer,
                                       sealring_revocation* revocation);

#ifdef __cplusplus
}
#endif

#endif
