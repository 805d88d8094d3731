/* SPDX-License-Identifier: Apache-2.0
 *
 * sealring: sessions. A session is a list of named fields, sealed as a token and carried in a
 * cookie or several (spec/session.md). What sealring.h says about times, buffers, structures,
 * failure, pointers, threads and forks also applies here.
 *
 *   sealring_session_profile   the settings for sessions of one kind: cookie, context, ends. Made
 *                              when a configuration is read, used by all threads.
 *   sealring_session           the session of one request, in the caller's memory. For one thread
 *                              at a time.
 *
 * A server, for one request:
 *   sealring_session_init          in memory that lives as long as the request
 *   sealring_session_read_cookies  each Cookie header; what is left of it is for the application
 *   sealring_session_open          the session that was in them
 *   sealring_session_field_at      what the application needs to know
 *   sealring_session_replace, _set, _end           what the application changes
 *   sealring_session_prepare       before the response's headers are sent: is there anything to
 * send? sealring_session_seal          if so sealring_session_cookie        as many `Set-Cookie`
 * headers as there are
 */
#ifndef SEALRING_SESSION_H
#define SEALRING_SESSION_H

#include "sealring.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  SEALRING_COOKIE_SIZE = 4096,        /* bytes of a Set-Cookie header's value, at most */
  SEALRING_SESSION_MAX_PARTS = 9,     /* cookies of one session */
  SEALRING_SESSION_MAX_FIELDS = 64,   /* reserved ones included */
  SEALRING_SESSION_MAX_TEXT = 65536,  /* bytes of the text of all fields */
  SEALRING_SESSION_ID_HASH_SIZE = 17, /* bytes of the ID for logs, with its NUL */
  SEALRING_SESSION_END_SIZE = 40      /* bytes of the text of sealring_session_end_text() */
};

/* Text that is not NUL-terminated. */
typedef struct sealring_text {
  const char* data; /* may be NULL if the size is 0 */
  size_t size;
} sealring_text;

/* ---- Profiles ------------------------------------------------------------- */

/* Members that are NULL or 0 have the defaults given here. Texts are NUL-terminated. */
typedef struct sealring_session_options {
  size_t size;
  const char* cookie;    /* the cookie's name: "__Host-session" */
  const char* path;      /* "/" */
  const char* domain;    /* none */
  const char* same_site; /* "lax"; or "strict" or "none" */
  int insecure;          /* nonzero: the cookie also goes over plain HTTP */
  int partitioned;       /* nonzero: one session per site that embeds this one (CHIPS) */
  size_t parts;          /* 2; at most SEALRING_SESSION_MAX_PARTS */
  const char* context;   /* what the tokens are for: the cookie's name */
  const char* subject;   /* the field that says whose session it is: "user" */
  int64_t idle;          /* seconds; 0: no such end */
  int64_t lifetime;      /* seconds after sign-in; 0: no such end */
  int64_t renew;         /* seconds; 0: derived from `idle` (spec/session.md section 2.1) */
} sealring_session_options;

typedef struct sealring_session_profile sealring_session_profile;

/* INVALID_ARGUMENT, with the reason in the message, if browsers would refuse the cookie, or a
 * member is out of bounds. The options are copied. Threads: any. */
SEALRING_STATUS sealring_session_profile_new(const sealring_session_options* options,
                                             sealring_session_profile** profile,
                                             sealring_error* error);

/* NULL is allowed. Threads: any, when no other call uses the profile. */
SEALRING_API void sealring_session_profile_free(sealring_session_profile* profile);

/* ---- The session of a request ---------------------------------------------- */

typedef struct sealring_session sealring_session;

/* The size of a session, which the caller allocates, aligned as by malloc. Threads: any. */
SEALRING_API size_t sealring_session_size(void);

/* Makes a session in `memory`: no session so far. It is not freed. It keeps pointers into the
 * headers, buffers and texts that later calls get: they must live as long as it, and so must the
 * profile. Threads: any. */
SEALRING_API sealring_session* sealring_session_init(void* memory,
                                                     const sealring_session_profile* profile);

/* Reads a Cookie header that a client sent: its value, the text after "Cookie:". Called once for
 * each, in their order, before opening. Writes the header without the session's cookies, and
 * everything else byte for byte, to `rest`, which holds `size` bytes outside the header. Returns
 * how many were written: `size` if the header has no such cookie. Threads: any. */
SEALRING_API size_t sealring_session_read_cookies(sealring_session* session, const char* header,
                                                  size_t size, char* rest);

/* The size of the buffer that opening needs: 0 if the headers had no cookie of the session.
 * Threads: the sealer's. */
SEALRING_API size_t sealring_session_open_size(const sealring_session* session,
                                               const sealring_sealer* sealer);

/* Opens the session that a client sent, once per sealring_session. OK also if there is none or it
 * is refused: sealring_session_describe() says so. `active`: nonzero if this request keeps the
 * session alive. `buffer`: has the size from sealring_session_open_size(). Errors: only operational
 * ones; there is no session then. Threads: the sealer's. */
SEALRING_STATUS sealring_session_open(sealring_session* session, sealring_sealer* sealer,
                                      int64_t now, int active, void* buffer, size_t capacity);

enum {
  SEALRING_SESSION_NONE = 0,         /* there was no such cookie */
  SEALRING_SESSION_GOOD = 1,         /* it opened */
  SEALRING_SESSION_DUE = 2,          /* it opened, and must be renewed */
  SEALRING_SESSION_IDLE_END = 3,     /* it ended because it was idle */
  SEALRING_SESSION_ABSOLUTE_END = 4, /* it ended, however active */
  SEALRING_SESSION_REFUSED = 5
};

typedef struct sealring_session_info {
  size_t size;
  int32_t state;               /* of what the client sent: SEALRING_SESSION_... */
  sealring_status reason;      /* of IDLE_END, ABSOLUTE_END (EXPIRED) and REFUSED; else OK */
  int64_t auth_time;           /* when the user signed in; 0: unknown */
  int64_t issued_at;           /* of the client's token; after sealing, of the new one */
  int64_t expires_at;          /* of the token; 0: never */
  size_t parts;                /* the cookies that it was sealed into; 0: it was not sealed yet */
  const char* detail;          /* what exactly is wrong, also after sealing failed: a static English
                                  phrase; NULL: nothing to add */
  char kid[SEALRING_KID_SIZE]; /* the key that the token names */
  int over;                    /* nonzero: what the client sent is no session any more, or there was
                                  none. One that is refused and not over may be good elsewhere, or
                                  later: its cookie must not be deleted */
} sealring_session_info;

/* Threads: any. */
SEALRING_STATUS sealring_session_describe(const sealring_session* session,
                                          sealring_session_info* info);

/* Writes an ID of the session for logs, with its NUL: it tells one session from another and opens
 * nothing. "" where it is unknown. Threads: the sealer's. */
SEALRING_STATUS sealring_session_id_hash(const sealring_session* session, sealring_sealer* sealer,
                                         char hash[SEALRING_SESSION_ID_HASH_SIZE]);

/* Writes which end a session met, for logs: "idle 31m" or "signed in 12h ago"; "" if it met none.
 * Threads: any. */
SEALRING_API void sealring_session_end_text(const sealring_session_info* info, int64_t now,
                                            char text[SEALRING_SESSION_END_SIZE]);

/* ---- Fields ---------------------------------------------------------------- */

typedef struct sealring_session_field {
  size_t size;
  sealring_text name;
  sealring_text value;
} sealring_session_field;

/* The field at `index`, in order, reserved ones included; nonzero if there is one. Valid until the
 * next change. Threads: any. */
SEALRING_API int sealring_session_field_at(const sealring_session* session, size_t index,
                                           sealring_session_field* field);

/* The text of all fields (spec/session.md section 1): its size, and the text, without a NUL. `text`
 * holds that many bytes. Threads: any. */
SEALRING_API size_t sealring_session_text_size(const sealring_session* session);
SEALRING_API size_t sealring_session_text(const sealring_session* session, char* text);

/* Replaces the fields by those of `text`, which is decoded in place. Reserved fields do not change;
 * `*ignored` is nonzero if the text has one with another value. A text without fields that an
 * application can set ends the session, also one that is refused. MALFORMED: it is not such a text,
 * and the session is unchanged. Threads: any. */
SEALRING_STATUS sealring_session_replace(sealring_session* session, char* text, size_t size,
                                         int* ignored);

/* Sets a field; an empty value removes it. INVALID_ARGUMENT: applications cannot set it, or it has
 * a byte 0. MALFORMED: there are SEALRING_SESSION_MAX_FIELDS. Threads: any. */
SEALRING_STATUS sealring_session_set(sealring_session* session, const char* name, size_t name_size,
                                     const char* value, size_t value_size);

/* Ends the session; fields that are set afterwards begin another one. Threads: any. */
SEALRING_API void sealring_session_end(sealring_session* session);

/* Whether applications cannot set a field with this name. Threads: any. */
SEALRING_API int sealring_session_is_reserved(const char* name, size_t size);

/* ---- The answer ------------------------------------------------------------ */

enum {
  SEALRING_CHANGE_NONE = 0,    /* there is nothing to send */
  SEALRING_CHANGE_RENEWED = 1, /* the same session with a later end: it can wait */
  SEALRING_CHANGE_CHANGED = 2, /* other fields of the same session */
  SEALRING_CHANGE_STARTED = 3, /* a new session: there was none, or it had another subject */
  SEALRING_CHANGE_ENDED = 4    /* the client must delete its cookies */
};

/* What to send, when all fields are set. After RENEWED, CHANGED and STARTED, call
 * sealring_session_seal(). Errors: MALFORMED: with the reserved fields there are too many;
 * CRYPTO_FAILURE. Threads: the sealer's. */
SEALRING_STATUS sealring_session_prepare(sealring_session* session, sealring_sealer* sealer,
                                         int64_t now, int32_t* change);

/* The size of the buffer that sealing needs. Threads: the sealer's. */
SEALRING_API size_t sealring_session_seal_size(const sealring_session* session,
                                               const sealring_sealer* sealer);

/* Seals the session. INVALID_ARGUMENT: it needs more cookies than the profile allows. UNSUPPORTED:
 * the primary key is of an old format, whose tokens cannot be bound to a context. Others: as
 * sealring_seal(). Threads: the sealer's. */
SEALRING_STATUS sealring_session_seal(sealring_session* session, sealring_sealer* sealer,
                                      int64_t now, void* buffer, size_t capacity);

/* The number of Set-Cookie headers to send, and the value of each, without a NUL; returns its size.
 * 0 if there is no such header. Threads: any. */
SEALRING_API size_t sealring_session_cookie_count(const sealring_session* session);
SEALRING_API size_t sealring_session_cookie(const sealring_session* session, size_t index,
                                            char cookie[SEALRING_COOKIE_SIZE]);

/* ---- Sessions that mod_session keeps ---------------------------------------- */

/* Apache's mod_session keeps fields, cookies and an idle end itself. These functions add the rest
 * (spec/session.md section 4). The buffers have the sizes that sealring_opened_size() and
 * sealring_session_seal_size() return. The order of the calls:
 *
 *   sealring_session_init_mod_session  instead of _init
 *   sealring_session_open_token        instead of _open, if there is a token
 *   sealring_session_text              for mod_session
 *   sealring_session_replace           with the text that mod_session has when it saves
 *   sealring_session_prepare           NONE: there is no session to seal
 *   sealring_session_seal_token        instead of _seal
 */

/* Texts are NUL-terminated and have to live as long as the session. */
typedef struct sealring_session_terms {
  size_t size;
  const char* context; /* what the tokens are for: "" */
  const char* subject; /* the field that says whose session it is: "user" */
  int64_t lifetime;    /* seconds after sign-in; 0: no such end */
} sealring_session_terms;

/* As sealring_session_init(). NULL if a member is out of its bounds. Threads: any. */
SEALRING_API sealring_session* sealring_session_init_mod_session(
    void* memory, const sealring_session_terms* terms);

/* Opens the token of a session, as sealring_session_open(). Threads: the sealer's. */
SEALRING_STATUS sealring_session_open_token(sealring_session* session, sealring_sealer* sealer,
                                            int64_t now, const char* token, size_t token_size,
                                            void* buffer, size_t capacity);

/* Seals the session; the token is in the buffer. INVALID_ARGUMENT: its text is larger than
 * SEALRING_SESSION_MAX_TEXT. Others as sealring_seal(). Threads: the sealer's. */
SEALRING_STATUS sealring_session_seal_token(sealring_session* session, sealring_sealer* sealer,
                                            int64_t now, void* buffer, size_t capacity,
                                            sealring_text* token);

/* ---- Revocations ------------------------------------------------------------ */

/* A revocation list says which sessions and tokens are refused although they open
 * (spec/revocations.md). A server loads one when it reads its configuration, gives it memory that
 * all of its processes share, and each sealer uses it. After sealring_session_prepare(), it revokes
 * what sealring_session_revocation() returns, and tells its agent. */

enum {
  SEALRING_REVOCATION_HASH_SIZE = 16,     /* bytes */
  SEALRING_REVOCATION_NAME_SIZE = 65,     /* bytes of a name, with its NUL */
  SEALRING_REVOCATION_MESSAGE_SIZE = 4096 /* bytes of a message for the agent, at most */
};

typedef struct sealring_revocations sealring_revocations;

/* Loads the revocation list at `path`. INVALID_REVOCATIONS if the file is missing, unreadable,
 * torn, damaged, or may be changed by others than its owner. Threads: any. */
SEALRING_STATUS sealring_revocations_load(const char* path, sealring_revocations** revocations,
                                          sealring_error* error);

/* Frees it. Sealers that use it keep what they need. NULL is allowed. Threads: any, when no other
 * call uses it. */
SEALRING_API void sealring_revocations_free(sealring_revocations* revocations);

/* The size of the memory that holds so many sessions that were revoked here and that the list does
 * not have yet. Threads: any. */
SEALRING_API size_t sealring_revocations_memory_size(size_t count);

/* Gives it memory that processes share, for what they revoke themselves, aligned as by malloc. What
 * is in it stays if it was shared before with the same size and for the same list, as on a reload
 * of the configuration. INVALID_ARGUMENT: it is too small. Call it once, before anything else uses
 * `revocations`, and as sealring_revoke(): one process at a time. Threads: one. */
SEALRING_STATUS sealring_revocations_share(sealring_revocations* revocations, void* memory,
                                           size_t size);

/* From now on the sealer refuses what was revoked, with REVOKED, and its refresh follows the list's
 * file; INVALID_REVOCATIONS from a refresh: the changed file was refused, and the list in use
 * stays. `stale_refuses`: nonzero: if the list is stale, everything is refused, but no cookie is
 * deleted; zero: sessions then are not renewed. Threads: the sealer's. */
SEALRING_STATUS sealring_sealer_use_revocations(sealring_sealer* sealer,
                                                const sealring_revocations* revocations,
                                                int stale_refuses);

typedef struct sealring_revocations_info {
  size_t size;
  uint64_t generation;
  int64_t written_at;
  int64_t confirmed_at;  /* when the file was last written, or confirmed by an agent */
  int64_t max_staleness; /* seconds; 0: no bound */
  size_t entries;        /* in the list */
  size_t pending;        /* in the shared memory */
  int stale;             /* nonzero: the list may be out of date */
} sealring_revocations_info;

/* Describes the list in use. Threads: any. */
SEALRING_STATUS sealring_revocations_describe(const sealring_revocations* revocations, int64_t now,
                                              sealring_revocations_info* info);

typedef struct sealring_revocation {
  size_t size;
  int64_t revoked_at;
  int64_t until; /* 0: there is nothing to revoke */
  char name[SEALRING_REVOCATION_NAME_SIZE];
  uint8_t hash[SEALRING_REVOCATION_HASH_SIZE];
} sealring_revocation;

/* What the server has to revoke: the session that came, if it was ended or got another subject.
 * After sealring_session_prepare(). There is nothing if the sealer uses no revocations. Threads:
 * the sealer's. */
SEALRING_STATUS sealring_session_revocation(const sealring_session* session,
                                            sealring_sealer* sealer,
                                            sealring_revocation* revocation);

/* Revokes it in the shared memory: at once, in all processes. INVALID_ARGUMENT: no memory was
 * shared, or there is nothing to revoke. `*lost` is nonzero if the memory was full: the revocation
 * that ends first was dropped, which the caller logs as an alert. One process at a time, which the
 * caller ensures. Threads: one. */
SEALRING_STATUS sealring_revoke(sealring_revocations* revocations,
                                const sealring_revocation* revocation, int64_t now, int* lost);

/* The next revocation in the shared memory that the list does not have, to send it to the agent
 * again; 0: there are no more. `*position` is 0 at first. As sealring_revoke(): one process at a
 * time. Threads: one. */
SEALRING_API int sealring_revocations_next(sealring_revocations* revocations, int64_t now,
                                           size_t* position, sealring_revocation* revocation);

/* Writes the datagram for the agent; returns its size, without a NUL. 0: the path of the list is
 * too long for one. Threads: any. */
SEALRING_API size_t sealring_revocation_message(const sealring_revocations* revocations,
                                                const sealring_revocation* revocation,
                                                char message[SEALRING_REVOCATION_MESSAGE_SIZE]);

/* Looks whether the list's file has changed, as sealring_sealer_refresh() does. For a process that
 * has no sealer. Threads: any. */
SEALRING_STATUS sealring_revocations_refresh(sealring_revocations* revocations, int64_t now,
                                             sealring_error* error);

/* As sealring_keyring_readable_by(), for a revocation list: INVALID_REVOCATIONS if not. Threads:
 * one at a time, because it reads the user database. */
SEALRING_STATUS sealring_revocations_readable_by(const char* path, uint32_t user, uint32_t group,
                                                 sealring_error* error);

/* ---- The agent -------------------------------------------------------------- */

typedef struct sealring_agent sealring_agent;

/* Makes a socket for datagrams to the agent that listens at the UNIX socket `path`. The agent may
 * come and go. INVALID_ARGUMENT: the path is too long for a socket. WRITE_FAILED: there is no
 * socket. Threads: any. */
SEALRING_STATUS sealring_agent_new(const char* path, sealring_agent** agent, sealring_error* error);

/* NULL is allowed. Threads: any, when no other call uses the agent. */
SEALRING_API void sealring_agent_free(sealring_agent* agent);

/* Sends a message without waiting. WRITE_FAILED: it was not sent; try again later. The message of
 * the error is not empty if this has to be logged: once, until the agent can be reached again.
 * Threads: one at a time. */
SEALRING_STATUS sealring_agent_send(sealring_agent* agent, int64_t now, const char* message,
                                    size_t size, sealring_error* error);

/* ---- Headers --------------------------------------------------------------- */

/* Whether a `Set-Cookie` header's value sets one of the session's cookies. Threads: any. */
SEALRING_API int sealring_session_owns_cookie(const sealring_session_profile* profile,
                                              const char* set_cookie, size_t size);

#ifdef __cplusplus
}
#endif

#endif
