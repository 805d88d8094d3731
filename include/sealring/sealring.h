/* SPDX-License-Identifier: Apache-2.0
 *
 * sealring: encrypted, expiring, tamper-proof tokens.
 *
 * This is the whole public interface, in plain C11. The server modules use
 * nothing else, and a binding for another language needs nothing else.
 *
 *   sealring_keyring   keys, loaded from a file or given in memory. One per
 *                      process, made before or after fork, used by all threads.
 *   sealring_sealer    seals and opens with a key ring. One per thread, made
 *                      after fork.
 *
 * Conventions
 *   Times       absolute, in seconds since 1970-01-01T00:00Z. The caller passes
 *               `now`; the library reads no clock.
 *   Buffers     belong to the caller. Sealing and opening allocate nothing but
 *               what they keep: a cipher at the first use of a key, or of one of
 *               64 places in which derived keys are kept. OUT_OF_MEMORY if that
 *               fails; the next call tries it again.
 *   Structures  begin with `size`, which the caller sets to the sizeof of its
 *               type before each use, also in those that a call fills in.
 *               SEALRING_INIT does that and zeroes the rest. In an array all
 *               elements have the size of the first.
 *   Failure     every function that can fail returns a sealring_status. On
 *               failure, output sizes are 0 and output buffers are wiped.
 *   Pointers    that may be NULL are documented so. Any other that is NULL gives
 *               INVALID_ARGUMENT.
 *   Outputs     come last.
 *   Secrets     are copied in, and wiped when the key ring is freed. The caller
 *               wipes its own copies.
 *   Threads     each function says what it allows. "Any" means at any time, in
 *               any thread. "The sealer's" means that no two calls with the same
 *               sealer may run at once.
 *   Fork        a process that forks may use its key rings in the child. The
 *               child makes sealers of its own.
 *   ABI         see "What stays" in docs/c-api.md.
 */
#ifndef SEALRING_H
#define SEALRING_H

#include <stddef.h>
#include <stdint.h>

/* The version of this header. sealring_version() has that of the library. */
#define SEALRING_VERSION_MAJOR 0
#define SEALRING_VERSION_MINOR 1
#define SEALRING_VERSION_PATCH 0
#define SEALRING_VERSION_NUMBER \
  (SEALRING_VERSION_MAJOR * 10000 + SEALRING_VERSION_MINOR * 100 + SEALRING_VERSION_PATCH)

/* SEALRING_STATUS is for functions that return a sealring_status: the compiler warns where it is
 * ignored. */
#if defined(__GNUC__)
#define SEALRING_API __attribute__((visibility("default")))
#define SEALRING_STATUS SEALRING_API __attribute__((warn_unused_result)) sealring_status
#else
#define SEALRING_API
#define SEALRING_STATUS SEALRING_API sealring_status
#endif

/* A structure with its size set and all else zero:
 *   sealring_opened opened = SEALRING_INIT(sealring_opened); */
#ifdef __cplusplus
#define SEALRING_INIT(type)   \
  ([] {                       \
    type init = {};           \
    init.size = sizeof(type); \
    return init;              \
  }())
#else
#define SEALRING_INIT(type) ((type){.size = sizeof(type)})
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The result of a call. Values from 10 to 29 are refusals of a token: they say why this token gives
 * no session. Values from 30 are operational: something is wrong on this side. */
typedef int32_t sealring_status;
enum {
  SEALRING_OK = 0,

  SEALRING_MALFORMED = 10,             /* not a token: wrong syntax or size */
  SEALRING_UNSUPPORTED = 11,           /* a format that this key ring does not open (any more) */
  SEALRING_UNKNOWN_KEY = 12,           /* its key is not in the ring, or may not open now */
  SEALRING_AUTHENTICATION_FAILED = 13, /* altered, forged, or sealed for another context */
  SEALRING_EXPIRED = 14,               /* now >= expires_at */
  SEALRING_NOT_YET_VALID = 15,         /* issued in the future: see SEALRING_CLOCK_SKEW */
  SEALRING_REVOKED = 16,               /* a revocation list has it: see session.h */
  SEALRING_UNBOUND = 17,               /* a session without its device: see binding.h */

  SEALRING_BUFFER_TOO_SMALL = 30, /* the output buffer is smaller than sealed_size/opened_size */
  SEALRING_CRYPTO_FAILURE = 31,   /* the crypto library refused or broke */
  SEALRING_OUT_OF_MEMORY = 32,
  SEALRING_NO_PRIMARY_KEY = 33,     /* no key of the ring may seal now */
  SEALRING_INVALID_ARGUMENT = 34,   /* a bound of this header was not kept */
  SEALRING_INVALID_KEYRING = 35,    /* the key ring file cannot be read, trusted or understood */
  SEALRING_WRITE_FAILED = 36,       /* the key ring file could not be written, or not for sure */
  SEALRING_INVALID_REVOCATIONS = 37 /* the revocation list cannot be read, trusted or understood */
};

enum {
  SEALRING_MAX_PAYLOAD = 1 << 24, /* bytes; a longer payload is refused unread, as is a
                                     token of more than twice as many */
  SEALRING_MAX_CONTEXT = 1024,    /* bytes */
  SEALRING_MAX_KEYS = 4096,       /* keys in a ring */
  SEALRING_MAX_PASSPHRASE = 8192, /* bytes */
  SEALRING_CLOCK_SKEW = 60,       /* seconds that issued_at may be ahead of now */
  SEALRING_KID_SIZE = 129,        /* bytes of a kid, with its terminating NUL */
  SEALRING_TOKEN_ID_SIZE = 129,   /* bytes of a token's ID, with its terminating NUL */
  SEALRING_GENERATED_SIZE = 1024, /* bytes of a generated key ring's text, with its NUL */
  SEALRING_DAY_SIZE = 11,         /* bytes of a day as text, with its terminating NUL */
  SEALRING_MESSAGE_SIZE = 512     /* bytes of a message, with its terminating NUL */
};

/* The status as the documents spell it: "ok", "malformed", "unknown_key", ... A static string;
 * "unknown_status" for a number that is none. Threads: any. */
SEALRING_API const char* sealring_status_name(sealring_status status);

/* The version of the library, as in "0.1.0". A static string. Threads: any. */
SEALRING_API const char* sealring_version(void);

/* What went wrong with a key ring, in a sentence for the operator: which file, what about it, what
 * to do. It never holds a secret. Wherever a function takes a sealring_error it may be NULL; on
 * success the message is "". */
typedef struct sealring_error {
  size_t size;
  sealring_status status;
  char message[SEALRING_MESSAGE_SIZE];
} sealring_error;

/* ---- Keys ---------------------------------------------------------------- */

/* A key as the caller gives it. */
typedef struct sealring_key {
  size_t size;
  const char* algorithm; /* "XAES-256-GCM" (s1 tokens); "A256GCM" (JWE); "nginx-legacy";
                            "apache-aes256", "apache-aes192", "apache-aes128",
                            "apache-3des192"; NUL-terminated */
  const char* kid;       /* NUL-terminated; NULL: XAES-256-GCM, A256GCM: derived from the
                            secret, and of XAES-256-GCM it cannot be another; old: none */
  const void* secret;    /* apache-*: the passphrase, 1 to SEALRING_MAX_PASSPHRASE bytes; all
                            others: 32 bytes */
  size_t secret_size;
  const void* iv; /* nginx-legacy: 0 to 16 bytes, padded with zeros; NULL: its default */
  size_t iv_size;
  int64_t seal_from;  /* seals from this moment on; 0: no bound */
  int64_t open_until; /* opens while now < open_until; 0: no bound */
  int open_only;      /* nonzero: never seals */
} sealring_key;

/* A key as a key ring lists it: all but its secret. */
typedef struct sealring_key_info {
  size_t size;
  char kid[SEALRING_KID_SIZE]; /* "" where the algorithm has none */
  char algorithm[32];
  int64_t seal_from;
  int64_t open_until;
  int open_only;
  int primary; /* nonzero: this is the key that seals at the `now` that was asked about */
} sealring_key_info;

/* ---- Key rings ----------------------------------------------------------- */

typedef struct sealring_keyring sealring_keyring;

/* Makes a key ring of the `count` keys at `keys`, in that order. A later key wins a tie of
 * seal_from. INVALID_ARGUMENT if a key is not as described above, or if there is none. Threads:
 * any. */
SEALRING_STATUS sealring_keyring_from_keys(const sealring_key* keys, size_t count,
                                           sealring_keyring** keyring, sealring_error* error);

/* Loads the JWK Set file `path` (spec/keyring.md). INVALID_KEYRING if the file is missing,
 * unreadable, torn, empty, or may be read or written by others. Threads: any. */
SEALRING_STATUS sealring_keyring_load(const char* path, sealring_keyring** keyring,
                                      sealring_error* error);

/* Makes a key ring of the text of a JWK Set (spec/keyring.md), `size` bytes: one that came from a
 * secret store, say. It never changes. INVALID_KEYRING if it is refused. Threads: any. */
SEALRING_STATUS sealring_keyring_parse(const char* text, size_t size, sealring_keyring** keyring,
                                       sealring_error* error);

/* Makes a key ring from the keys of `keyring` and, after them, the `count` keys at `more`, which
 * only open. It follows the file that `keyring` follows, but reads nothing now: it begins with the
 * keys that `keyring` has. INVALID_ARGUMENT if a key is not as described above. Threads: any. */
SEALRING_STATUS sealring_keyring_extend(const sealring_keyring* keyring, const sealring_key* more,
                                        size_t count, sealring_keyring** extended,
                                        sealring_error* error);

/* Frees and wipes the ring. Sealers made from it keep what they need, so the order does not matter.
 * NULL is allowed. Threads: any, when no other call uses the ring. */
SEALRING_API void sealring_keyring_free(sealring_keyring* keyring);

/* Looks whether the ring's file has changed, at most once a second, and if so loads it and swaps it
 * in whole. For programs that only list keys: a sealer's refresh does this too. A ring that was not
 * loaded from a file never changes. On INVALID_KEYRING the changed file was refused and the ring in
 * use stays; the same fault is reported once per process. Threads: any. */
SEALRING_STATUS sealring_keyring_refresh(sealring_keyring* keyring, int64_t now,
                                         sealring_error* error);

/* Describes the keys that the ring has now, all of one moment, in ring order. `*count` is how many
 * there are, also with BUFFER_TOO_SMALL, which is returned if that is more than `capacity`. `keys`
 * may be NULL: then they are only counted. Threads: any. */
SEALRING_STATUS sealring_keyring_list(const sealring_keyring* keyring, int64_t now,
                                      sealring_key_info* keys, size_t capacity, size_t* count,
                                      sealring_error* error);

/* ---- Key ring files ------------------------------------------------------ */

/* Whether a process of this user and group, with the supplementary groups that the user has, could
 * load the file at `path`. A process that runs as root before it drops its rights cannot find that
 * out by trying. INVALID_KEYRING if not, with the command that fixes it in the message. Threads:
 * one at a time, because it reads the user database. */
SEALRING_STATUS sealring_keyring_readable_by(const char* path, uint32_t user, uint32_t group,
                                             sealring_error* error);

/* Writes the text of a JWK Set with one newly generated key that seals from `seal_from` on: for
 * keys that do not live in a file of this machine. `text` is NUL-terminated, and a secret: the
 * caller wipes it. `kid` receives the new key's kid and may be NULL; so below. Threads: any. */
SEALRING_STATUS sealring_keyring_generate(const char* algorithm, int64_t seal_from,
                                          char text[SEALRING_GENERATED_SIZE],
                                          char kid[SEALRING_KID_SIZE], sealring_error* error);

/* All of these replace the file as a whole or leave it as it was: a reader never sees a
 * half-written ring, and writers wait for each other. If only its folder cannot be synced the file
 * is changed all the same, and WRITE_FAILED says so. */

/* Creates the file with one newly generated key that seals from `seal_from` on (Unix seconds), mode
 * 0640 less the umask. Never overwrites: WRITE_FAILED if `path` exists. Threads: any. */
SEALRING_STATUS sealring_keyring_file_init(const char* path, const char* algorithm,
                                           int64_t seal_from, char kid[SEALRING_KID_SIZE],
                                           sealring_error* error);

/* Adds a key. It takes over sealing only from keys with an earlier seal_from. Threads: any. */
SEALRING_STATUS sealring_keyring_file_add(const char* path, const sealring_key* key,
                                          char kid[SEALRING_KID_SIZE], sealring_error* error);

/* Adds a newly generated key of the primary key's algorithm that seals from now + activate_in, and
 * bounds open_until of all other sealing keys to that moment plus max_lifetime. A primary key of an
 * old format is followed by an XAES-256-GCM key. Threads: any. */
SEALRING_STATUS sealring_keyring_file_rotate(const char* path, int64_t now, int64_t activate_in,
                                             int64_t max_lifetime, char kid[SEALRING_KID_SIZE],
                                             sealring_error* error);

/* Removes the keys whose open_until has passed; `removed` receives their number and may be NULL. If
 * no key that may seal would be left, nothing is removed and NO_PRIMARY_KEY is returned. Threads:
 * any. */
SEALRING_STATUS sealring_keyring_file_prune(const char* path, int64_t now, size_t* removed,
                                            sealring_error* error);

/* ---- Sealers ------------------------------------------------------------- */

typedef struct sealring_sealer sealring_sealer;

/* A crypto driver has one text for its name, "NAME" or "NAME:PARAMETER[,PARAMETER...]",
 * as in "openssl:provider=default" or "nss:dir=/etc/pki/nssdb,secmod=secmod.db":
 *   openssl   the default, and what NULL means
 *             engine=NAME    ciphers of this engine, if it has them
 *             provider=NAME  only algorithms of this provider
 *   nss       dir=FOLDER     its database; without one it has none
 *             key3=PREFIX cert7=PREFIX secmod=FILE   names of the database's files
 *             noinit         the server has initialised NSS itself
 *             A build with SEALRING_NSS=OFF does not have this driver.
 * A value is not empty and holds no comma. A process has one driver for one text. */

/* Whether a driver can start, for checking a configuration: INVALID_ARGUMENT if there is no such
 * driver or parameter, with all that there are in the message; CRYPTO_FAILURE if it does not start.
 * It is tried in a child process, so that nothing of it is left in this one: NSS must not be
 * carried over a fork. Threads: before there are others, because it forks. */
SEALRING_STATUS sealring_driver_check(const char* driver, sealring_error* error);

/* Makes a sealer with a crypto driver. Call it after fork, in each process and thread that seals or
 * opens. A sealer that is carried over a fork anyway notices it and never repeats a nonce.
 * Threads: any. */
SEALRING_STATUS sealring_sealer_new(const sealring_keyring* keyring, const char* driver,
                                    sealring_sealer** sealer, sealring_error* error);

/* Frees and wipes. NULL is allowed. Threads: the sealer's. Fork: a child may free the sealers of
 * its parent. */
SEALRING_API void sealring_sealer_free(sealring_sealer* sealer);

/* Keeps the ring up to date: at most once a second checks whether the ring's file has changed,
 * loads it aside and swaps it in whole. Call it before each seal or open; between two calls the
 * sealer's keys do not change. A ring that was not loaded from a file never changes. On
 * INVALID_KEYRING the changed file was refused and the ring in use stays: go on, but log the
 * message; the same fault is reported once per process. INVALID_REVOCATIONS says the same of a
 * revocation list (session.h). Threads: the sealer's. */
SEALRING_STATUS sealring_sealer_refresh(sealring_sealer* sealer, int64_t now,
                                        sealring_error* error);

/* The size of the buffer that sealing a payload of `payload_size` bytes needs, with any key that
 * this sealer has; 0 if payload_size > SEALRING_MAX_PAYLOAD. Threads: the sealer's. */
SEALRING_API size_t sealring_sealed_size(const sealring_sealer* sealer, size_t payload_size);

/* The size of the buffer that opening a token of `token_size` bytes needs. Threads: the
 * sealer's. */
SEALRING_API size_t sealring_opened_size(const sealring_sealer* sealer, size_t token_size);

/* What sealing a payload gave. On failure all but `detail` is zero. */
typedef struct sealring_sealed {
  size_t size;
  size_t token_size;
  uint64_t expires_at; /* 0: never */
  const char* detail;  /* which argument is wrong, and how: a static English phrase; NULL:
                          there is no more to say than the status does */
  /* The token's ID, printable ASCII. s1: its nonce, JWE: its IV, in base64url. A
   * JWE that another party made with a `jti` has that for its ID. "" for the old
   * formats, which have none. */
  char id[SEALRING_TOKEN_ID_SIZE];
  char kid[SEALRING_KID_SIZE]; /* of the key that sealed it; "" if that has none */
} sealring_sealed;

/* Seals a payload with the primary key of `now`.
 *   now         also the token's issued_at
 *   lifetime    seconds; expires_at is now + lifetime; 0: never expires. The old
 *               Apache format has no place for it and ignores it.
 *   context     what the token is for; opening needs the same bytes. At most
 *               SEALRING_MAX_CONTEXT; may be NULL if its size is 0. In a JWE it
 *               is the audience, and has to be UTF-8 without control characters
 *               other than backspace, tab, line feed, form feed and carriage return.
 *               The old formats cannot bind a context and ignore it.
 *   token       receives `sealed->token_size` bytes, no NUL: base64url text, with
 *               the old Apache format base64 text, with the old nginx format
 *               binary. Must not overlap the payload.
 * Errors: NO_PRIMARY_KEY, BUFFER_TOO_SMALL, INVALID_ARGUMENT, CRYPTO_FAILURE. Threads: the
 * sealer's. */
SEALRING_STATUS sealring_seal(sealring_sealer* sealer, int64_t now, uint64_t lifetime,
                              const void* context, size_t context_size, const void* payload,
                              size_t payload_size, void* token, size_t token_capacity,
                              sealring_sealed* sealed);

/* What opening a token gave. On a refusal `payload` is NULL and all but `detail`, `kid` and, where
 * it is the reason, the times are zero. */
typedef struct sealring_opened {
  size_t size;
  const uint8_t* payload; /* points into the caller's buffer */
  size_t payload_size;
  uint64_t issued_at;              /* 0 where the token does not say */
  uint64_t expires_at;             /* 0: never */
  const char* detail;              /* what exactly is wrong, where there is more to say than the
                                      status does: a static English phrase; NULL: nothing */
  char id[SEALRING_TOKEN_ID_SIZE]; /* the token's ID, as in sealring_sealed */
  /* Of a token that opened, the kid of the key that opened it; "" if that has
   * none. Of a refused one, the key that it names, known or not and not proved;
   * "" where the format names none. */
  char kid[SEALRING_KID_SIZE];
} sealring_opened;

/* Opens a token. Spaces and tabs after it are not part of it, unless it is a binary one of the old
 * nginx format. `buffer` must hold sealring_opened_size(token_size) bytes and must not overlap the
 * token. Returns SEALRING_OK, the reason for the refusal, or BUFFER_TOO_SMALL, INVALID_ARGUMENT,
 * CRYPTO_FAILURE. Threads: the sealer's. */
SEALRING_STATUS sealring_open(sealring_sealer* sealer, int64_t now, const void* context,
                              size_t context_size, const void* token, size_t token_size,
                              void* buffer, size_t buffer_capacity, sealring_opened* opened);

/* ---- Without a key -------------------------------------------------------- */

/* What anyone can see of a token. */
typedef struct sealring_token_info {
  size_t size;
  size_t payload_size;
  char id[SEALRING_TOKEN_ID_SIZE]; /* s1: as in sealring_sealed; JWE: "", because a `jti` is
                                      encrypted */
  char kid[SEALRING_KID_SIZE];     /* "": the token names no key */
  char format[16];                 /* "s1", "jwe" */
  const char* detail;              /* as in sealring_opened */
} sealring_token_info;

/* Reads a token's format and kid; proves nothing. MALFORMED if it has the shape of none of these
 * formats, UNSUPPORTED if it is a JWE of another kind. Tokens of the old formats, nginx's and
 * Apache's, cannot be inspected. Threads: any. */
SEALRING_STATUS sealring_inspect(const void* token, size_t token_size, sealring_token_info* info);

/* ---- Calendar days, UTC ---------------------------------------------------- */

/* The midnight that ends a day as configurations name it: "2027-01-31". 0 and INVALID_ARGUMENT if
 * there is no such day from 1970 on. Threads: any. */
SEALRING_STATUS sealring_end_of_day(const char* day, int64_t* end);

/* The day of a moment. "" and INVALID_ARGUMENT before 1970 and after 9999. Threads:
 * any. */
SEALRING_STATUS sealring_day_of(int64_t time, char day[SEALRING_DAY_SIZE]);

#ifdef __cplusplus
}
#endif

#endif
