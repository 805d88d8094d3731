/* SPDX-License-Identifier: Apache-2.0
 *
 * sealring: the cookies of an application, sealed by the server in front of it
 * (spec/upstream-cookies.md). What sealring.h says about times, buffers, structures, failure,
 * pointers, threads and forks also applies here.
 *
 *   sealring_cookies_policy   which cookies are sealed. Made when a configuration is read, used by
 *                             all threads.
 *   sealring_cookies          the cookies of one request, in the caller's memory. For one thread at
 *                             a time.
 *
 * A server, for one request:
 *   sealring_cookies_init      in memory that lives as long as the request
 *   sealring_cookies_read      each Cookie header
 *   sealring_cookies_begin     with a buffer for what is opened
 *   sealring_cookies_rewrite   each Cookie header: what the application gets instead
 * and for the response:
 *   sealring_cookies_seal      each Set-Cookie header: what the client gets instead
 *   sealring_cookies_renew     each cookie that is due, if the response does not set it
 */
#ifndef SEALRING_COOKIES_H
#define SEALRING_COOKIES_H

#include "session.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  SEALRING_COOKIES_MAX_CONTEXT = 512, /* bytes */
  SEALRING_COOKIES_MAX_NAME = 256,    /* bytes of the name of a cookie that is sealed */
  SEALRING_COOKIES_MAX_OPENED = 32    /* cookies that are opened for one request */
};

/* ---- Policies --------------------------------------------------------------- */

enum {
  SEALRING_COOKIES_REPORT = 0,  /* seals nothing and cuts nothing out; opens what opens */
  SEALRING_COOKIES_MIGRATE = 1, /* seals, and accepts plain values */
  SEALRING_COOKIES_ENFORCE = 2  /* seals, and cuts out what does not open */
};

/* The choice is what is listed, what matches, and what http_only and all add. Texts are
 * NUL-terminated. */
typedef struct sealring_cookies_options {
  size_t size;
  const char* context;      /* of which application they are; 1 to SEALRING_COOKIES_MAX_CONTEXT */
  const char* const* names; /* NULL if the count is 0 */
  size_t name_count;
  /* Whether a pattern matches a name; NULL: there are no patterns. It is called in all threads
   * that use the policy, and lives as long. */
  int (*matches)(const void* data, const char* name, size_t size);
  const void* match_data;
  int http_only;              /* nonzero: what the application sets with HttpOnly */
  int all;                    /* nonzero: every cookie */
  int32_t mode;               /* SEALRING_COOKIES_... */
  int64_t accept_plain_until; /* MIGRATE is ENFORCE from this moment on; 0: no such moment */
  /* The names of the cookies of sessions that the server keeps itself, which are never chosen; NULL
   * if the count is 0. */
  const char* const* sessions;
  size_t session_count;
} sealring_cookies_options;

typedef struct sealring_cookies_policy sealring_cookies_policy;

/* INVALID_ARGUMENT, with the reason in the message, if a member is out of bounds. The options are
 * copied. Threads: any. */
SEALRING_STATUS sealring_cookies_policy_new(const sealring_cookies_options* options,
                                            sealring_cookies_policy** policy,
                                            sealring_error* error);

/* NULL is allowed. Threads: any, when no other call uses the policy. */
SEALRING_API void sealring_cookies_policy_free(sealring_cookies_policy* policy);

/* ---- The cookies of a request ----------------------------------------------- */

typedef struct sealring_cookies sealring_cookies;

/* The size of a sealring_cookies, which the caller allocates, aligned as by malloc. Threads:
 * any. */
SEALRING_API size_t sealring_cookies_size(void);

/* Makes one in `memory`, without any cookies so far. It is not freed. It keeps pointers into the
 * headers and the buffer: they must live as long as it, and so must the policy. Threads: any. */
SEALRING_API sealring_cookies* sealring_cookies_init(void* memory,
                                                     const sealring_cookies_policy* policy);

/* Reads a Cookie header that a client sent: its value, the text after "Cookie:". Called once for
 * each, in their order, before anything is opened. Threads: the sealer's. */
SEALRING_STATUS sealring_cookies_read(sealring_cookies* cookies, const sealring_sealer* sealer,
                                      const char* header, size_t size);

/* The size of the buffer that opening needs. Threads: the sealer's. */
SEALRING_API size_t sealring_cookies_open_size(const sealring_cookies* cookies,
                                               const sealring_sealer* sealer);

/* Begins to open, once per sealring_cookies. Threads: the sealer's. */
SEALRING_STATUS sealring_cookies_begin(sealring_cookies* cookies, sealring_sealer* sealer,
                                       int64_t now, void* buffer, size_t capacity);

/* What the application gets instead of a header that was read, in the same order: `*passed` is the
 * header itself if nothing in it changes. Otherwise it is in the buffer with a NUL behind it, and
 * has the size 0 if nothing is left. Errors: only operational ones; no header must be passed then.
 * Threads: the sealer's. */
SEALRING_STATUS sealring_cookies_rewrite(sealring_cookies* cookies, const char* header, size_t size,
                                         sealring_text* passed);

/* What was found in the request. Of the cookies that were cut out, one is described: the first that
 * was altered or forged or, if there is none, the first. */
typedef struct sealring_cookies_info {
  size_t size;
  size_t opened;
  size_t plain;                /* accepted, though not sealed */
  size_t cut;                  /* cut out; with REPORT, what ENFORCE would have cut out */
  size_t due;                  /* of the opened ones: to be sealed with another key */
  int forged;                  /* nonzero: of those that were cut out, one was altered or forged */
  sealring_status reason;      /* why it was cut out */
  sealring_text name;          /* of it, as the client sent it: any bytes; empty: it has none */
  const char* detail;          /* a static English phrase; NULL: nothing to add */
  char kid[SEALRING_KID_SIZE]; /* the key that it names */
} sealring_cookies_info;

/* Threads: any. */
SEALRING_STATUS sealring_cookies_describe(const sealring_cookies* cookies,
                                          sealring_cookies_info* info);

/* ---- The cookies of a response ---------------------------------------------- */

enum {
  SEALRING_COOKIE_PASSED = 0,   /* it is not chosen, or has no name */
  SEALRING_COOKIE_REPORTED = 1, /* it is passed, and MIGRATE and ENFORCE would have sealed it */
  SEALRING_COOKIE_DELETION = 2, /* it is passed */
  SEALRING_COOKIE_SEALED = 3,
  SEALRING_COOKIE_TOO_LARGE = 4 /* it cannot be sealed; there is a line only if it may be passed */
};

/* What to send instead of one Set-Cookie header. */
typedef struct sealring_set_cookie {
  size_t size;
  int32_t fate; /* SEALRING_COOKIE_... */
  sealring_text name;
  size_t count;           /* of lines */
  sealring_text lines[2]; /* the values of Set-Cookie headers; in the line given, or the buffer */
  const char* detail;     /* why sealing failed: a static English phrase; NULL: nothing to add */
} sealring_set_cookie;

/* The size of the buffer that sealing needs. Threads: the sealer's. */
SEALRING_API size_t sealring_cookies_seal_size(const sealring_sealer* sealer, size_t line_size,
                                               size_t path_size);

/* Seals the cookie of a Set-Cookie header, whose value is `line`, if the policy chooses it. `path`:
 * that of the request, as the client sent it, up to its `?`. `cookies`: those of the request; NULL
 * if it had none. UNSUPPORTED: the primary key is of an old format, whose tokens cannot be bound to
 * a context. Other errors: as sealring_seal(). Threads: the sealer's. */
SEALRING_STATUS sealring_cookies_seal(const sealring_cookies_policy* policy,
                                      sealring_sealer* sealer, int64_t now, const char* line,
                                      size_t line_size, const char* path, size_t path_size,
                                      const sealring_cookies* cookies, void* buffer,
                                      size_t capacity, sealring_set_cookie* set_cookie);

/* The name of the cookie at `index` of those that are due; nonzero if there is one. Threads: any.
 */
SEALRING_API int sealring_cookies_due_at(const sealring_cookies* cookies, size_t index,
                                         sealring_text* name);

/* The size of the buffer that its renewal needs; 0 if there is no such cookie. Threads: the
 * sealer's. */
SEALRING_API size_t sealring_cookies_renew_size(const sealring_cookies* cookies,
                                                const sealring_sealer* sealer, size_t index);

/* Seals a cookie that is due with the primary key. There are no lines if it cannot be set without
 * the application. Errors as sealring_cookies_seal(). Threads: the sealer's. */
SEALRING_STATUS sealring_cookies_renew(const sealring_cookies* cookies, sealring_sealer* sealer,
                                       int64_t now, size_t index, void* buffer, size_t capacity,
                                       sealring_set_cookie* set_cookie);

#ifdef __cplusplus
}
#endif

#endif
