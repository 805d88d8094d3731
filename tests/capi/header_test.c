// SPDX-License-Identifier: Apache-2.0
// A C program that calls every function of the public header.
#define _DEFAULT_SOURCE  // mkdtemp
#include <sealring/sealring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capi/check.h"

static const int64_t now = 1800000000;
static const char secret[] = "abcdefghijklmnopqrstuvwxyz123456";

static sealring_key old_key(void) {
  sealring_key key = SEALRING_INIT(sealring_key);
  key.algorithm = "nginx-legacy";
  key.secret = secret;
  key.secret_size = 32;
  return key;
}

static size_t count_of(const sealring_keyring* ring) {
  size_t count = 0;
  CHECK(sealring_keyring_list(ring, now, NULL, 0, &count, NULL) == SEALRING_OK);
  return count;
}

static void test_names(void) {
  CHECK(strcmp(sealring_version(), VERSION) == 0);
  char version[32];
  snprintf(version, sizeof version, "%d.%d.%d", SEALRING_VERSION_NUMBER / 10000,
           SEALRING_VERSION_NUMBER / 100 % 100, SEALRING_VERSION_NUMBER % 100);
  CHECK(strcmp(version, VERSION) == 0);
  CHECK(strcmp(sealring_status_name(SEALRING_OK), "ok") == 0);
  CHECK(strcmp(sealring_status_name(SEALRING_UNKNOWN_KEY), "unknown_key") == 0);
  CHECK(strcmp(sealring_status_name(99), "unknown_status") == 0);
}

static void test_drivers(void) {
  sealring_error error = SEALRING_INIT(sealring_error);
  CHECK(sealring_driver_check(NULL, &error) == SEALRING_OK && error.message[0] == '\0');
  CHECK(sealring_driver_check("openssl:provider=default", NULL) == SEALRING_OK);
  CHECK(sealring_driver_check("no such driver", &error) == SEALRING_INVALID_ARGUMENT);
  CHECK(error.status == SEALRING_INVALID_ARGUMENT && strstr(error.message, "openssl (") != NULL);
  CHECK(sealring_driver_check("openssl:provider=none", &error) == SEALRING_CRYPTO_FAILURE);
}

static void test_seal_and_open(const sealring_keyring* ring) {
  sealring_error error = SEALRING_INIT(sealring_error);
  sealring_sealer* sealer = NULL;
  CHECK(sealring_sealer_new(ring, "no such driver", &sealer, &error) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealer == NULL && strstr(error.message, "openssl") != NULL);
  CHECK(sealring_sealer_new(ring, NULL, &sealer, NULL) == SEALRING_OK);
  CHECK(sealring_sealer_refresh(sealer, now, &error) == SEALRING_OK);
  CHECK(error.message[0] == '\0');

  const char payload[] = "user=alice";
  const size_t capacity = sealring_sealed_size(sealer, sizeof payload);
  char* token = malloc(capacity);
  sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
  CHECK(sealring_sealed_size(sealer, SEALRING_MAX_PAYLOAD + 1) == 0);
  CHECK(sealring_seal(sealer, now, 60, "c", 1, payload, sizeof payload, token, capacity - 1,
                      &sealed) == SEALRING_BUFFER_TOO_SMALL);
  CHECK(sealed.token_size == 0 && sealed.expires_at == 0 && sealed.detail == NULL);
  CHECK(sealring_seal(sealer, -1, 60, NULL, 0, payload, sizeof payload, token, capacity, &sealed) ==
        SEALRING_INVALID_ARGUMENT);
  CHECK(strcmp(sealed.detail, "now is negative") == 0);
  CHECK(sealring_seal(sealer, now, 60, "c", 1, payload, sizeof payload, token, capacity, &sealed) ==
        SEALRING_OK);
  CHECK(sealed.detail == NULL && sealed.expires_at == (uint64_t)now + 60);
  const size_t size = sealed.token_size;
  CHECK(size > 78 && memcmp(token, "s1.", 3) == 0);
  CHECK(memcmp(sealed.kid, token + 3, 8) == 0 && sealed.kid[8] == '\0');
  CHECK(memcmp(sealed.id, token + 11, 32) == 0 && sealed.id[32] == '\0');
  CHECK(sealring_seal(sealer, now, 0, NULL, 0, NULL, 0, token, capacity, &sealed) == SEALRING_OK);
  CHECK(sealed.expires_at == 0);
  CHECK(sealring_seal(sealer, now, 60, "c", 1, payload, sizeof payload, token, capacity, &sealed) ==
        SEALRING_OK);

  const size_t opened_capacity = sealring_opened_size(sealer, size);
  unsigned char* buffer = malloc(opened_capacity);
  sealring_opened opened = SEALRING_INIT(sealring_opened);
  CHECK(sealring_open(sealer, now, "c", 1, token, size, buffer, opened_capacity, &opened) ==
        SEALRING_OK);
  CHECK(opened.payload_size == sizeof payload);
  CHECK(memcmp(opened.payload, payload, sizeof payload) == 0);
  CHECK(opened.payload >= buffer && opened.payload < buffer + opened_capacity);
  CHECK(opened.issued_at == (uint64_t)now && opened.expires_at == (uint64_t)now + 60);
  CHECK(memcmp(opened.kid, token + 3, 8) == 0 && opened.kid[8] == '\0');
  CHECK(memcmp(opened.id, token + 11, 32) == 0 && opened.id[32] == '\0');
  CHECK(opened.detail == NULL);

  CHECK(sealring_open(sealer, now + 60, "c", 1, token, size, buffer, opened_capacity, &opened) ==
        SEALRING_EXPIRED);
  CHECK(opened.payload == NULL && opened.payload_size == 0);
  CHECK(opened.expires_at == (uint64_t)now + 60 && opened.kid[0] != '\0');
  CHECK(sealring_open(sealer, now, "d", 1, token, size, buffer, opened_capacity, &opened) ==
        SEALRING_AUTHENTICATION_FAILED);
  CHECK(opened.expires_at == 0);
  CHECK(sealring_open(sealer, now, NULL, 0, NULL, 0, NULL, 0, &opened) == SEALRING_MALFORMED);

  sealring_token_info info = SEALRING_INIT(sealring_token_info);
  CHECK(sealring_inspect(token, size, &info) == SEALRING_OK);
  CHECK(strcmp(info.format, "s1") == 0 && info.payload_size == sizeof payload);
  CHECK(memcmp(info.kid, token + 3, 8) == 0);
  CHECK(memcmp(info.id, token + 11, 32) == 0 && info.id[32] == '\0');
  CHECK(sealring_inspect("noise", 5, &info) == SEALRING_MALFORMED && info.format[0] == '\0');
  CHECK(sealring_inspect("s1.short", 8, &info) == SEALRING_MALFORMED);
  CHECK(strcmp(info.detail, "it has fewer characters than the shortest s1 token") == 0);

  free(buffer);
  free(token);
  sealring_sealer_free(sealer);
  sealring_sealer_free(NULL);
}

static void test_files(const char* path) {
  sealring_error error = SEALRING_INIT(sealring_error);
  char kid[SEALRING_KID_SIZE], second[SEALRING_KID_SIZE];
  CHECK(sealring_keyring_file_init(path, "none", now, kid, &error) == SEALRING_INVALID_ARGUMENT);
  CHECK(kid[0] == '\0');
  CHECK(sealring_keyring_file_init(path, "XAES-256-GCM", now, kid, &error) == SEALRING_OK);
  CHECK(strlen(kid) == 8);
  CHECK(sealring_keyring_file_init(path, "XAES-256-GCM", now, NULL, NULL) == SEALRING_WRITE_FAILED);
  CHECK(sealring_keyring_file_rotate(path, now, 3600, 86400, second, &error) == SEALRING_OK);
  sealring_key key = old_key();
  key.open_only = 1;
  key.open_until = now + 10;
  CHECK(sealring_keyring_file_add(path, &key, NULL, &error) == SEALRING_OK);

  sealring_keyring* ring = NULL;
  CHECK(sealring_keyring_load(path, &ring, &error) == SEALRING_OK);
  CHECK(count_of(ring) == 3);
  sealring_key_info infos[4];
  size_t count = 0;
  infos[0].size = sizeof infos[0];
  CHECK(sealring_keyring_list(ring, now, infos, 4, &count, &error) == SEALRING_OK && count == 3);
  CHECK(strcmp(infos[0].kid, kid) == 0 && infos[0].primary);
  CHECK(strcmp(infos[0].algorithm, "XAES-256-GCM") == 0);
  CHECK(infos[0].open_until == now + 3600 + 86400);
  CHECK(strcmp(infos[1].kid, second) == 0 && !infos[1].primary);
  CHECK(infos[1].seal_from == now + 3600 && infos[2].open_only);
  CHECK(sealring_keyring_list(ring, now + 3600, infos, 3, &count, NULL) == SEALRING_OK);
  CHECK(!infos[0].primary && infos[1].primary);
  CHECK(sealring_keyring_list(ring, now, infos, 2, &count, &error) == SEALRING_BUFFER_TOO_SMALL);
  CHECK(count == 3 && strstr(error.message, "3 keys") != NULL);
  test_seal_and_open(ring);

  sealring_keyring* extended = NULL;
  sealring_key behind = old_key();
  CHECK(sealring_keyring_extend(ring, &behind, 1, &extended, &error) == SEALRING_OK);
  sealring_keyring_free(ring);
  CHECK(sealring_keyring_list(extended, now, infos, 4, &count, &error) == SEALRING_OK);
  CHECK(count == 4 && infos[3].open_only);
  test_seal_and_open(extended);
  behind.secret_size = 31;
  sealring_keyring* none = NULL;
  CHECK(sealring_keyring_extend(extended, &behind, 1, &none, &error) == SEALRING_INVALID_ARGUMENT);
  CHECK(none == NULL);
  sealring_keyring_free(extended);

  size_t removed = 0;
  CHECK(sealring_keyring_file_prune(path, now + 10, &removed, &error) == SEALRING_OK);
  CHECK(removed == 1);
  CHECK(sealring_keyring_readable_by(path, 54321, 12345, &error) == SEALRING_INVALID_KEYRING);
  CHECK(strstr(error.message, "chgrp") != NULL);
  CHECK(sealring_keyring_readable_by(path, 0, 0, &error) == SEALRING_OK);
  CHECK(sealring_keyring_load("/nonexistent/ring", &ring, &error) == SEALRING_INVALID_KEYRING);
  CHECK(ring == NULL && strstr(error.message, "/nonexistent/ring") != NULL);
}

static void test_text(void) {
  sealring_error error = SEALRING_INIT(sealring_error);
  char text[SEALRING_GENERATED_SIZE], kid[SEALRING_KID_SIZE];
  CHECK(sealring_keyring_generate("nginx-legacy", now, text, kid, &error) ==
        SEALRING_INVALID_ARGUMENT);
  CHECK(text[0] == '\0' && kid[0] == '\0');
  CHECK(sealring_keyring_generate("A256GCM", now, text, kid, &error) == SEALRING_OK);
  sealring_keyring* ring = NULL;
  CHECK(sealring_keyring_parse(text, strlen(text), &ring, &error) == SEALRING_OK);
  sealring_key_info info = SEALRING_INIT(sealring_key_info);
  size_t count = 0;
  CHECK(sealring_keyring_list(ring, now, &info, 1, &count, &error) == SEALRING_OK && count == 1);
  CHECK(strcmp(info.kid, kid) == 0 && info.seal_from == now && info.primary);
  CHECK(strcmp(info.algorithm, "A256GCM") == 0);
  CHECK(sealring_keyring_refresh(ring, now, &error) == SEALRING_OK);
  sealring_keyring_free(ring);
  CHECK(sealring_keyring_parse(text, strlen(text) - 3, &ring, &error) == SEALRING_INVALID_KEYRING);
  CHECK(ring == NULL && strstr(error.message, "not JSON") != NULL);
  CHECK(sealring_keyring_parse("{\"keys\":[]}", 11, &ring, &error) == SEALRING_INVALID_KEYRING);
}

// A ring follows its file without a sealer, too.
static void test_refresh(const char* path) {
  sealring_error error = SEALRING_INIT(sealring_error);
  sealring_keyring* ring = NULL;
  CHECK(sealring_keyring_load(path, &ring, &error) == SEALRING_OK);
  const size_t before = count_of(ring);
  CHECK(sealring_keyring_file_rotate(path, now, 3600, 86400, NULL, &error) == SEALRING_OK);
  CHECK(count_of(ring) == before);
  CHECK(sealring_keyring_refresh(ring, now, &error) == SEALRING_OK);
  CHECK(count_of(ring) == before + 1);
  CHECK(unlink(path) == 0);
  CHECK(sealring_keyring_refresh(ring, now + 1, &error) == SEALRING_INVALID_KEYRING);
  CHECK(strstr(error.message, path) != NULL && count_of(ring) == before + 1);
  sealring_keyring_free(ring);
}

static void test_days(void) {
  int64_t end = 0;
  char day[SEALRING_DAY_SIZE];
  CHECK(sealring_end_of_day("2027-01-31", &end) == SEALRING_OK && end == 1801440000);
  CHECK(sealring_end_of_day("2027-02-29", &end) == SEALRING_INVALID_ARGUMENT && end == 0);
  CHECK(sealring_day_of(1801440000 - 1, day) == SEALRING_OK && strcmp(day, "2027-01-31") == 0);
  CHECK(sealring_day_of(-1, day) == SEALRING_INVALID_ARGUMENT && day[0] == '\0');
}

static void test_keys_in_memory(void) {
  sealring_error error = SEALRING_INIT(sealring_error);
  sealring_keyring* ring = NULL;
  sealring_key key = old_key();
  CHECK(sealring_keyring_from_keys(&key, 1, &ring, &error) == SEALRING_OK);
  CHECK(count_of(ring) == 1);
  sealring_keyring_free(ring);
  key.secret_size = 31;
  CHECK(sealring_keyring_from_keys(&key, 1, &ring, &error) == SEALRING_INVALID_ARGUMENT);
  CHECK(ring == NULL && strstr(error.message, "32 bytes") != NULL);
  CHECK(strstr(error.message, "abcdef") == NULL);
  key = old_key();
  key.algorithm = "A256GCM";
  key.kid = "named";
  CHECK(sealring_keyring_from_keys(&key, 1, &ring, &error) == SEALRING_OK);
  sealring_key_info info = SEALRING_INIT(sealring_key_info);
  size_t count = 0;
  CHECK(sealring_keyring_list(ring, now, &info, 1, &count, &error) == SEALRING_OK);
  CHECK(strcmp(info.kid, "named") == 0);
  sealring_keyring_free(ring);
  key.algorithm = "XAES-256-GCM";
  CHECK(sealring_keyring_from_keys(&key, 1, &ring, &error) == SEALRING_INVALID_ARGUMENT);
  CHECK(strstr(error.message, "its kid must be") != NULL);
  key.algorithm = NULL;
  CHECK(sealring_keyring_from_keys(&key, 1, &ring, NULL) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_keyring_from_keys(NULL, 0, &ring, &error) == SEALRING_INVALID_ARGUMENT);
  sealring_keyring_free(NULL);
}

int main(void) {
  char folder[] = "/tmp/sealring-XXXXXX";
  char path[64];
  if (mkdtemp(folder) == NULL) return 1;
  snprintf(path, sizeof path, "%s/ring", folder);
  test_names();
  test_drivers();
  test_keys_in_memory();
  test_text();
  test_days();
  test_files(path);
  test_refresh(path);
  unlink(path);
  rmdir(folder);
  return failures != 0;
}
