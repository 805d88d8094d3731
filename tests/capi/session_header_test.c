// SPDX-License-Identifier: Apache-2.0
// A C program that keeps a session through the public header, and calls each function with NULL.
#include <sealring/session.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capi/check.h"

static const int64_t now = 1800000000;

static sealring_session_profile* profile;
static sealring_sealer* sealer;

// One request: what the client sends, and what it is sent.
typedef struct {
  sealring_session* session;
  void* opened;
  void* sealed;
} request;

static request begin(const char* header, int64_t at) {
  request made = {sealring_session_init(malloc(sealring_session_size()), profile), NULL, NULL};
  char* rest = malloc(strlen(header) + 1);
  sealring_session_read_cookies(made.session, header, strlen(header), rest);
  free(rest);
  const size_t size = sealring_session_open_size(made.session, sealer);
  made.opened = malloc(size + 1);
  if (size > 0) {
    CHECK(sealring_session_open(made.session, sealer, at, 1, made.opened, size - 1) ==
          SEALRING_BUFFER_TOO_SMALL);
  }
  CHECK(sealring_session_open(made.session, sealer, at, 1, made.opened, size) == SEALRING_OK);
  return made;
}

static int32_t finish(request* made, int64_t at) {
  int32_t change = -1;
  CHECK(sealring_session_prepare(made->session, sealer, at, &change) == SEALRING_OK);
  if (change != SEALRING_CHANGE_NONE && change != SEALRING_CHANGE_ENDED) {
    const size_t size = sealring_session_seal_size(made->session, sealer);
    made->sealed = malloc(size);
    CHECK(sealring_session_seal(made->session, sealer, at, made->sealed, size) == SEALRING_OK);
  }
  return change;
}

static void end(request* made) {
  free(made->session);
  free(made->opened);
  free(made->sealed);
}

static sealring_session_info describe(const request* made) {
  sealring_session_info info = SEALRING_INIT(sealring_session_info);
  CHECK(sealring_session_describe(made->session, &info) == SEALRING_OK);
  return info;
}

static void test_a_session(void) {
  char cookie[SEALRING_COOKIE_SIZE];
  request first = begin("a=b", now);
  CHECK(describe(&first).state == SEALRING_SESSION_NONE && describe(&first).over);
  CHECK(sealring_session_set(first.session, "user", 4, "alice", 5) == SEALRING_OK);
  CHECK(sealring_session_set(first.session, "sid", 3, "x", 1) == SEALRING_INVALID_ARGUMENT);
  CHECK(finish(&first, now) == SEALRING_CHANGE_STARTED);
  CHECK(sealring_session_cookie_count(first.session) == 1);
  size_t size = sealring_session_cookie(first.session, 0, cookie);
  CHECK(size > 0 && sealring_session_owns_cookie(profile, cookie, size));
  CHECK(sealring_session_cookie(first.session, 1, cookie) == 0);
  CHECK(describe(&first).expires_at == now + 100 && describe(&first).parts == 1);
  char* value = memchr(cookie, ';', size);
  CHECK(value != NULL && memcmp(cookie, "s=s1.", 5) == 0);
  if (value != NULL) *value = '\0';
  end(&first);

  request next = begin(cookie, now + 1);
  sealring_session_info info = describe(&next);
  CHECK(info.state == SEALRING_SESSION_GOOD && info.reason == SEALRING_OK && !info.over);
  CHECK(info.auth_time == now && info.issued_at == now);
  char hash[SEALRING_SESSION_ID_HASH_SIZE] = "x";
  CHECK(sealring_session_id_hash(next.session, sealer, hash) == SEALRING_OK && strlen(hash) == 16);
  sealring_session_field field = SEALRING_INIT(sealring_session_field);
  CHECK(sealring_session_field_at(next.session, 0, &field));
  CHECK(field.name.size == 4 && memcmp(field.value.data, "alice", 5) == 0);
  CHECK(!sealring_session_field_at(next.session, 3, &field));
  char text[256];
  CHECK(sealring_session_text_size(next.session) < sizeof text);
  size = sealring_session_text(next.session, text);
  CHECK(size > 11 && memcmp(text, "user=alice&sid=", 15) == 0);
  int ignored = 1;
  CHECK(sealring_session_replace(next.session, text, size, &ignored) == SEALRING_OK && !ignored);
  CHECK(finish(&next, now + 1) == SEALRING_CHANGE_NONE);
  end(&next);

  request last = begin(cookie, now + 1);
  char bad[] = "a=%";
  CHECK(sealring_session_replace(last.session, bad, 3, NULL) == SEALRING_MALFORMED);
  sealring_session_end(last.session);
  CHECK(finish(&last, now + 1) == SEALRING_CHANGE_ENDED);
  CHECK(sealring_session_cookie_count(last.session) == 2);
  end(&last);

  request late = begin(cookie, now + 100);
  info = describe(&late);
  CHECK(info.state == SEALRING_SESSION_IDLE_END && info.reason == SEALRING_EXPIRED && info.over);
  end(&late);

  request other = begin("s=s1.x", now);
  CHECK(describe(&other).state == SEALRING_SESSION_REFUSED && !describe(&other).over);
  end(&other);
}

static void test_headers(void) {
  request made = begin("", now);
  const char header[] = "a=1; s=x; b=2; s-1=y";
  char rest[sizeof header];
  CHECK(sealring_session_read_cookies(made.session, header, strlen(header), rest) == 8);
  CHECK(memcmp(rest, "a=1; b=2", 8) == 0);
  end(&made);
  CHECK(sealring_session_owns_cookie(profile, "s-1=x; Path=/", 13));
  CHECK(!sealring_session_owns_cookie(profile, "ss=x", 4));
  CHECK(!sealring_session_owns_cookie(profile, "x=1; s=2", 8));
  CHECK(sealring_session_is_reserved("SID", 3) && !sealring_session_is_reserved("user", 4));
}

static void test_options(void) {
  sealring_session_options options = SEALRING_INIT(sealring_session_options);
  sealring_session_profile* made = NULL;
  sealring_error error = SEALRING_INIT(sealring_error);
  CHECK(sealring_session_profile_new(&options, &made, &error) == SEALRING_OK);
  sealring_session_profile_free(made);
  options.domain = "example.com";
  CHECK(sealring_session_profile_new(&options, &made, &error) == SEALRING_INVALID_ARGUMENT);
  CHECK(made == NULL && strstr(error.message, "__Host-session") != NULL);
  options.size = 0;
  CHECK(sealring_session_profile_new(&options, &made, &error) == SEALRING_INVALID_ARGUMENT);
}

static void test_mod_session(void) {
  sealring_session_terms terms = SEALRING_INIT(sealring_session_terms);
  terms.context = "c";
  terms.lifetime = 100;
  void* memory = malloc(sealring_session_size());
  sealring_session* session = sealring_session_init_mod_session(memory, &terms);
  char text[] = "user=alice&expiry=1800000200000000";
  CHECK(sealring_session_replace(session, text, strlen(text), NULL) == SEALRING_OK);
  int32_t change = -1;
  CHECK(sealring_session_prepare(session, sealer, now, &change) == SEALRING_OK);
  CHECK(change == SEALRING_CHANGE_STARTED);
  const size_t size = sealring_session_seal_size(session, sealer);
  char* buffer = malloc(size);
  sealring_text token = {NULL, 0};
  CHECK(sealring_session_seal_token(session, sealer, now, buffer, size, &token) == SEALRING_OK);
  CHECK(token.size > 3 && memcmp(token.data, "s1.", 3) == 0);
  CHECK(sealring_session_cookie_count(session) == 0);

  const size_t capacity = sealring_opened_size(sealer, token.size);
  char* opened = malloc(capacity);
  sealring_session_info info = SEALRING_INIT(sealring_session_info);
  char end_text[SEALRING_SESSION_END_SIZE] = "x";
  session = sealring_session_init_mod_session(memory, &terms);
  CHECK(sealring_session_open_token(session, sealer, now, token.data, token.size, opened,
                                    capacity - 1) == SEALRING_BUFFER_TOO_SMALL);
  CHECK(sealring_session_open_token(session, sealer, now + 99, token.data, token.size, opened,
                                    capacity) == SEALRING_OK);
  CHECK(sealring_session_describe(session, &info) == SEALRING_OK);
  CHECK(info.state == SEALRING_SESSION_GOOD && info.expires_at == now + 100);
  sealring_session_end_text(&info, now, end_text);
  CHECK(strcmp(end_text, "") == 0);
  session = sealring_session_init_mod_session(memory, &terms);
  CHECK(sealring_session_open_token(session, sealer, now + 7200, token.data, token.size, opened,
                                    capacity) == SEALRING_OK);
  CHECK(sealring_session_describe(session, &info) == SEALRING_OK);
  CHECK(info.state == SEALRING_SESSION_ABSOLUTE_END && info.reason == SEALRING_EXPIRED);
  sealring_session_end_text(&info, now + 7200, end_text);
  CHECK(strcmp(end_text, "signed in 2h ago") == 0);
  info.state = SEALRING_SESSION_IDLE_END;
  sealring_session_end_text(&info, now + 119, end_text);
  CHECK(strcmp(end_text, "idle 119s") == 0);
  sealring_session_end_text(&info, now + 120, end_text);
  CHECK(strcmp(end_text, "idle 2m") == 0);
  sealring_session_end_text(&info, now + 172800, end_text);
  CHECK(strcmp(end_text, "idle 2d") == 0);
  info.issued_at = 0;
  sealring_session_end_text(&info, INT64_MAX, end_text);
  CHECK(strcmp(end_text, "idle 106751991167300d") == 0);

  terms.subject = "sid";
  CHECK(sealring_session_init_mod_session(memory, &terms) == NULL);
  terms.subject = "";
  CHECK(sealring_session_init_mod_session(memory, &terms) == NULL);
  terms.subject = NULL;
  terms.lifetime = -1;
  CHECK(sealring_session_init_mod_session(memory, &terms) == NULL);
  free(memory);
  free(buffer);
  free(opened);
}

/* What is for cookies is for sessions with a profile, and the other way round. */
static void test_the_other_kind(void) {
  const sealring_status invalid = SEALRING_INVALID_ARGUMENT;
  sealring_session_terms terms = SEALRING_INIT(sealring_session_terms);
  void* memory = malloc(sealring_session_size());
  sealring_session* session = sealring_session_init_mod_session(memory, &terms);
  char text[] = "a=b", cookie[SEALRING_COOKIE_SIZE];
  sealring_text token;
  CHECK(sealring_session_read_cookies(session, "s=x", 3, text) == 0);
  CHECK(sealring_session_open_size(session, sealer) == 0);
  CHECK(sealring_session_open(session, sealer, now, 1, text, 3) == invalid);
  CHECK(sealring_session_seal(session, sealer, now, text, 3) == invalid);
  CHECK(sealring_session_cookie(session, 0, cookie) == 0);
  request made = begin("", now);
  CHECK(sealring_session_open_token(made.session, sealer, now, text, 3, text, 3) == invalid);
  CHECK(sealring_session_seal_token(made.session, sealer, now, text, 3, &token) == invalid);
  end(&made);
  free(memory);
}

/* tests/capi/revocations_test.cc has more: there is no function that makes a list. */
static void test_revocations(void) {
  const sealring_status invalid = SEALRING_INVALID_ARGUMENT;
  sealring_revocations* revocations = NULL;
  sealring_error error = SEALRING_INIT(sealring_error);
  sealring_revocations_info info = SEALRING_INIT(sealring_revocations_info);
  sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
  char message[SEALRING_REVOCATION_MESSAGE_SIZE];
  size_t position = 0;
  CHECK(sealring_revocations_load("/missing", &revocations, &error) ==
        SEALRING_INVALID_REVOCATIONS);
  CHECK(revocations == NULL && strstr(error.message, "/missing") != NULL);
  CHECK(sealring_revocations_load(NULL, &revocations, NULL) == invalid);
  CHECK(sealring_revocations_load("/missing", NULL, NULL) == invalid);
  sealring_revocations_free(NULL);
  CHECK(sealring_revocations_share(NULL, message, sizeof message) == invalid);
  CHECK(sealring_revocations_memory_size(1000) > sealring_revocations_memory_size(1));
  CHECK(sealring_sealer_use_revocations(sealer, NULL, 0) == invalid);
  CHECK(sealring_revocations_describe(NULL, now, &info) == invalid);
  CHECK(sealring_session_revocation(NULL, sealer, &revocation) == invalid);
  CHECK(sealring_revoke(NULL, &revocation, now, NULL) == invalid);
  CHECK(!sealring_revocations_next(NULL, now, &position, &revocation));
  CHECK(sealring_revocation_message(NULL, &revocation, message) == 0);

  /* Without a list there is nothing to revoke. */
  request made = begin("", now);
  CHECK(sealring_session_revocation(made.session, NULL, &revocation) == invalid);
  CHECK(sealring_session_revocation(made.session, sealer, NULL) == invalid);
  CHECK(sealring_session_revocation(made.session, sealer, &revocation) == SEALRING_OK);
  CHECK(revocation.until == 0);
  end(&made);
}

static void test_null(void) {
  char text[] = "a=b";
  char cookie[SEALRING_COOKIE_SIZE];
  sealring_session_info info = SEALRING_INIT(sealring_session_info);
  sealring_session_field field = SEALRING_INIT(sealring_session_field);
  int32_t change;
  request made = begin("", now);
  sealring_session* session = made.session;
  const sealring_status invalid = SEALRING_INVALID_ARGUMENT;

  sealring_session_profile_free(NULL);
  sealring_session_end(NULL);
  sealring_session_profile* out = NULL;
  CHECK(sealring_session_profile_new(NULL, &out, NULL) == invalid);
  CHECK(sealring_session_init(NULL, profile) == NULL);
  CHECK(sealring_session_init(cookie, NULL) == NULL);
  CHECK(sealring_session_read_cookies(NULL, text, 3, cookie) == 0);
  CHECK(sealring_session_read_cookies(session, NULL, 3, cookie) == 0);
  CHECK(sealring_session_read_cookies(session, text, 3, NULL) == 0);
  CHECK(sealring_session_read_cookies(session, NULL, 0, NULL) == 0);
  CHECK(sealring_session_open_size(NULL, sealer) == 0);
  CHECK(sealring_session_open_size(session, NULL) == 0);
  CHECK(sealring_session_open(NULL, sealer, now, 1, text, 3) == invalid);
  CHECK(sealring_session_open(session, NULL, now, 1, text, 3) == invalid);
  CHECK(sealring_session_open(session, sealer, now, 1, NULL, 3) == invalid);
  CHECK(sealring_session_describe(NULL, &info) == invalid);
  CHECK(sealring_session_describe(session, NULL) == invalid);
  CHECK(sealring_session_id_hash(session, sealer, cookie) == SEALRING_OK && *cookie == '\0');
  CHECK(sealring_session_id_hash(NULL, sealer, cookie) == invalid);
  CHECK(sealring_session_id_hash(session, NULL, cookie) == invalid);
  CHECK(sealring_session_id_hash(session, sealer, NULL) == invalid);
  CHECK(!sealring_session_field_at(NULL, 0, &field));
  CHECK(!sealring_session_field_at(session, 0, NULL));
  CHECK(sealring_session_text_size(NULL) == 0 && sealring_session_text(NULL, text) == 0);
  CHECK(sealring_session_text(session, NULL) == 0);
  CHECK(sealring_session_replace(NULL, text, 3, NULL) == invalid);
  CHECK(sealring_session_replace(session, NULL, 3, NULL) == invalid);
  CHECK(sealring_session_set(NULL, "a", 1, "b", 1) == invalid);
  CHECK(sealring_session_set(session, NULL, 1, "b", 1) == invalid);
  CHECK(sealring_session_set(session, "a", 1, NULL, 1) == invalid);
  CHECK(!sealring_session_is_reserved(NULL, 1));
  CHECK(sealring_session_prepare(NULL, sealer, now, &change) == invalid);
  CHECK(sealring_session_prepare(session, NULL, now, &change) == invalid);
  CHECK(sealring_session_prepare(session, sealer, now, NULL) == invalid);
  CHECK(sealring_session_seal_size(NULL, sealer) == 0);
  CHECK(sealring_session_seal_size(session, NULL) == 0);
  CHECK(sealring_session_seal(NULL, sealer, now, text, 3) == invalid);
  CHECK(sealring_session_seal(session, NULL, now, text, 3) == invalid);
  CHECK(sealring_session_seal(session, sealer, now, NULL, 3) == invalid);
  sealring_session_terms terms = SEALRING_INIT(sealring_session_terms);
  sealring_text token;
  CHECK(sealring_session_init_mod_session(NULL, &terms) == NULL);
  CHECK(sealring_session_init_mod_session(cookie, NULL) == NULL);
  CHECK(sealring_session_open_token(NULL, sealer, now, text, 3, text, 3) == invalid);
  CHECK(sealring_session_open_token(session, NULL, now, text, 3, text, 3) == invalid);
  CHECK(sealring_session_open_token(session, sealer, now, NULL, 3, text, 3) == invalid);
  CHECK(sealring_session_open_token(session, sealer, now, text, 3, NULL, 3) == invalid);
  CHECK(sealring_session_seal_token(NULL, sealer, now, text, 3, &token) == invalid);
  CHECK(sealring_session_seal_token(session, NULL, now, text, 3, &token) == invalid);
  CHECK(sealring_session_seal_token(session, sealer, now, NULL, 3, &token) == invalid);
  CHECK(sealring_session_seal_token(session, sealer, now, text, 3, NULL) == invalid);
  sealring_session_end_text(NULL, now, cookie);
  sealring_session_end_text(&info, now, NULL);
  CHECK(sealring_session_cookie_count(NULL) == 0);
  CHECK(sealring_session_cookie(NULL, 0, cookie) == 0);
  CHECK(sealring_session_cookie(session, 0, NULL) == 0);
  CHECK(sealring_session_owns_cookie(NULL, text, 3) == 0);
  CHECK(sealring_session_owns_cookie(profile, NULL, 3) == 0);
  end(&made);
}

int main(void) {
  sealring_keyring* ring = NULL;
  sealring_key key = SEALRING_INIT(sealring_key);
  key.algorithm = "XAES-256-GCM";
  key.secret = "abcdefghijklmnopqrstuvwxyz123456";
  key.secret_size = 32;
  CHECK(sealring_keyring_from_keys(&key, 1, &ring, NULL) == SEALRING_OK);
  CHECK(sealring_sealer_new(ring, NULL, &sealer, NULL) == SEALRING_OK);
  sealring_session_options options = SEALRING_INIT(sealring_session_options);
  options.cookie = "s";
  options.insecure = 1;
  options.idle = 100;
  CHECK(sealring_session_profile_new(&options, &profile, NULL) == SEALRING_OK);

  test_a_session();
  test_headers();
  test_options();
  test_mod_session();
  test_the_other_kind();
  test_revocations();
  test_null();

  sealring_session_profile_free(profile);
  sealring_sealer_free(sealer);
  sealring_keyring_free(ring);
  return failures != 0;
}
