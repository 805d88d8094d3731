// SPDX-License-Identifier: Apache-2.0
// A C program that counts and reports through the public header, and calls each function with NULL.
#include <sealring/status.h>
#include <stdlib.h>
#include <string.h>

#include "capi/check.h"

static const int64_t now = 1800000000;

static sealring_keyring* keyring_of_one_key(void) {
  static const char secret[32] = "thirty-two bytes, as a key needs";
  sealring_key key = SEALRING_INIT(sealring_key);
  key.algorithm = "XAES-256-GCM";
  key.secret = secret;
  key.secret_size = sizeof(secret);
  sealring_keyring* keyring = NULL;
  CHECK(sealring_keyring_from_keys(&key, 1, &keyring, NULL) == SEALRING_OK);
  return keyring;
}

static int says(sealring_report* report, int32_t format, const char* phrase) {
  sealring_text text;
  CHECK(sealring_report_write(report, format, &text) == SEALRING_OK);
  CHECK(text.data[text.size] == '\0' && strlen(text.data) == text.size);
  return strstr(text.data, phrase) != NULL;
}

static void test_counting(sealring_counters* counters) {
  sealring_keyring* keyring = keyring_of_one_key();
  sealring_sealer* sealer = NULL;
  CHECK(sealring_sealer_new(keyring, NULL, &sealer, NULL) == SEALRING_OK);
  sealring_sealer_count(sealer, counters);
  CHECK(sealring_sealer_refresh(sealer, now, NULL) == SEALRING_OK);
  char token[256];
  sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
  CHECK(sealring_seal(sealer, now, 60, NULL, 0, "x", 1, token, sizeof(token), &sealed) ==
        SEALRING_OK);

  sealring_report* report = NULL;
  CHECK(sealring_report_new(counters, now, &report, NULL) == SEALRING_OK);
  CHECK(sealring_report_add_keyring(report, keyring) == SEALRING_OK);
  char line[256];
  snprintf(line, sizeof(line),
           "\nsealring_key_seals_total{algorithm=\"XAES-256-GCM\",kid=\"%s\"} 1\n", sealed.kid);
  CHECK(says(report, SEALRING_REPORT_PROMETHEUS, line));
  CHECK(says(report, SEALRING_REPORT_OPENMETRICS, "\n# EOF\n"));
  CHECK(says(report, SEALRING_REPORT_JSON, "\"keyring\":\"configuration\",\"keys\":1"));
  CHECK(says(report, SEALRING_REPORT_PAGE, "<!DOCTYPE html>"));
  sealring_text text;
  CHECK(sealring_report_write(report, 4, &text) == SEALRING_INVALID_ARGUMENT && text.size == 0);
  CHECK(sealring_report_write(report, -1, &text) == SEALRING_INVALID_ARGUMENT);
  sealring_report_free(report);
  sealring_sealer_free(sealer);
  sealring_keyring_free(keyring);
}

static void test_null(sealring_counters* counters) {
  CHECK(sealring_counters_init(NULL, 0, now) == NULL);
  CHECK(sealring_counters_init(counters, sealring_counters_size() - 1, now) == NULL);
  CHECK(sealring_counters_init(counters, sealring_counters_size(), -1) == NULL);
  sealring_sealer_count(NULL, counters);
  sealring_report* report = NULL;
  CHECK(sealring_report_new(NULL, now, &report, NULL) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_report_new(counters, now, NULL, NULL) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_report_new(counters, -1, &report, NULL) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_report_add_keyring(NULL, NULL) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_report_add_revocations(NULL, NULL) == SEALRING_INVALID_ARGUMENT);
  CHECK(sealring_report_write(NULL, 0, NULL) == SEALRING_INVALID_ARGUMENT);
  sealring_report_free(NULL);
  CHECK(sealring_report_format(NULL, 0, NULL, 0) == SEALRING_REPORT_PROMETHEUS);
  CHECK(sealring_report_format("/s.json", 7, NULL, 0) == SEALRING_REPORT_JSON);
  CHECK(strstr(sealring_report_content_type(SEALRING_REPORT_PAGE), "text/html") != NULL);
  CHECK(sealring_report_content_type(99) != NULL);
}

int main(void) {
  void* memory = calloc(1, sealring_counters_size());
  sealring_counters* counters = sealring_counters_init(memory, sealring_counters_size(), now);
  CHECK(counters != NULL);
  test_counting(counters);
  test_null(counters);
  free(memory);
  return failures != 0;
}
