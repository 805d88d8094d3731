// SPDX-License-Identifier: Apache-2.0
// A C program that offers registrations through the public header, refuses those without a proof,
// and calls each function with NULL.
#include <sealring/binding.h>
#include <stdlib.h>
#include <string.h>

#include "capi/check.h"

static const int64_t now = 1800000000;

static sealring_session_profile* profile;
static sealring_sealer* sealer;

static void test_options(void) {
  sealring_error error = SEALRING_INIT(sealring_error);
  sealring_binding_options options = SEALRING_INIT(sealring_binding_options);
  options.grace = -1;
  CHECK(sealring_session_profile_bind(profile, &options, &error) == SEALRING_INVALID_ARGUMENT);
  CHECK(strstr(error.message, "grace") != NULL);
  options.grace = 0;
  options.size = 0;
  CHECK(sealring_session_profile_bind(profile, &options, &error) == SEALRING_INVALID_ARGUMENT);
  options.size = sizeof(options);
  CHECK(sealring_session_profile_bind(profile, NULL, NULL) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_profile_bind(NULL, &options, NULL) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_profile_bind(profile, &options, &error) == SEALRING_OK);
}

static void test_an_offer(sealring_session* session, char* buffer) {
  sealring_text field = {NULL, 0};
  int32_t change = 0;
  CHECK(sealring_session_set(session, "user", 4, "alice", 5) == SEALRING_OK);
  CHECK(sealring_session_prepare(session, sealer, now, &change) == SEALRING_OK);
  CHECK(change == SEALRING_CHANGE_STARTED);
  CHECK(sealring_session_offer(session, sealer, now, buffer, &field) == SEALRING_OK);
  static const char begin[] = "(ES256 RS256);path=\"/session-binding/register\";challenge=\"s1.";
  CHECK(field.size > sizeof(begin) && memcmp(field.data, begin, sizeof(begin) - 1) == 0);
  CHECK(sealring_session_offer(NULL, sealer, now, buffer, &field) == SEALRING_INVALID_ARGUMENT);
  CHECK(field.data == NULL && field.size == 0);
  CHECK(sealring_session_offer(session, NULL, now, buffer, &field) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_offer(session, sealer, now, NULL, &field) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_offer(session, sealer, now, buffer, NULL) == SEALRING_INVALID_ARGUMENT);
}

static void test_requests(sealring_session* session, char* buffer) {
  sealring_binding_answer answer = SEALRING_INIT(sealring_binding_answer);
  const sealring_text proof = {"x", 1}, bad = {NULL, 1};
  CHECK(sealring_session_open_to_bind(session, sealer, now, NULL, 0) == SEALRING_OK);
  CHECK(sealring_session_register(session, sealer, now, &proof, buffer, &answer) == SEALRING_OK);
  CHECK(answer.outcome == SEALRING_BINDING_GONE && answer.status == 401);
  CHECK(answer.detail != NULL && answer.body.size == 0 && answer.cookie.size == 0);
  CHECK(sealring_session_refresh(session, sealer, now, NULL, NULL, buffer, &answer) == SEALRING_OK);
  CHECK(answer.status == 401);

  CHECK(sealring_session_register(session, sealer, now, &bad, buffer, &answer) ==
        SEALRING_INVALID_ARGUMENT);
  CHECK(answer.outcome == SEALRING_BINDING_UNAVAILABLE && answer.status == 503);
  CHECK(sealring_session_refresh(session, sealer, now, &bad, NULL, buffer, &answer) ==
        SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_register(NULL, sealer, now, NULL, buffer, &answer) ==
        SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_register(session, NULL, now, NULL, buffer, &answer) ==
        SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_register(session, sealer, now, NULL, NULL, &answer) ==
        SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_register(session, sealer, now, NULL, buffer, NULL) ==
        SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_refresh(NULL, NULL, now, NULL, NULL, NULL, NULL) ==
        SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_open_to_bind(NULL, sealer, now, NULL, 0) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_open_to_bind(session, NULL, now, NULL, 0) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_open_to_bind(session, sealer, now, NULL, 1) == SEALRING_INVALID_ARGUMENT);

  sealring_revocation revocation = SEALRING_INIT(sealring_revocation);
  CHECK(sealring_session_prior(session, sealer, &revocation) == SEALRING_OK);
  CHECK(revocation.until == 0);
  CHECK(sealring_session_prior(NULL, sealer, &revocation) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_prior(session, NULL, &revocation) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_session_prior(session, sealer, NULL) == SEALRING_INVALID_ARGUMENT);
}

int main(void) {
  sealring_keyring* keyring = NULL;
  sealring_key key = SEALRING_INIT(sealring_key);
  key.algorithm = "XAES-256-GCM";
  key.secret = "abcdefghijklmnopqrstuvwxyz123456";
  key.secret_size = 32;
  CHECK(sealring_keyring_from_keys(&key, 1, &keyring, NULL) == SEALRING_OK);
  CHECK(sealring_sealer_new(keyring, NULL, &sealer, NULL) == SEALRING_OK);
  const sealring_session_options options = SEALRING_INIT(sealring_session_options);
  CHECK(sealring_session_profile_new(&options, &profile, NULL) == SEALRING_OK);
  test_options();

  char* buffer = malloc(SEALRING_BINDING_SIZE);
  sealring_session* session = sealring_session_init(malloc(sealring_session_size()), profile);
  test_an_offer(session, buffer);
  sealring_session_init(session, profile);
  test_requests(session, buffer);

  free(session);
  free(buffer);
  sealring_session_profile_free(profile);
  sealring_sealer_free(sealer);
  sealring_keyring_free(keyring);
  return failures != 0;
}
