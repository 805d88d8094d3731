// SPDX-License-Identifier: Apache-2.0
// A C program that seals an application's cookie and opens it again, and calls each function with
// NULL.
#include <sealring/cookies.h>
#include <stdlib.h>
#include <string.h>

#include "capi/check.h"

static const int64_t now = 1800000000;
static const char* const names[] = {"sid"};

static sealring_cookies_policy* policy;
static sealring_keyring* ring;
static sealring_sealer* sealer;

static sealring_cookies_options options_of(void) {
  sealring_cookies_options options = SEALRING_INIT(sealring_cookies_options);
  options.context = "shop";
  options.names = names;
  options.name_count = 1;
  options.mode = SEALRING_COOKIES_ENFORCE;
  return options;
}

static int is(sealring_text text, const char* expected) {
  return text.size == strlen(expected) &&
         (text.size == 0 || !memcmp(text.data, expected, text.size));
}

// The cookie that a client sends after a response with this line. The caller frees it.
static char* seal(const char* line) {
  const size_t size = sealring_cookies_seal_size(sealer, strlen(line), 1);
  void* buffer = malloc(size);
  sealring_set_cookie made = SEALRING_INIT(sealring_set_cookie);
  CHECK(sealring_cookies_seal(policy, sealer, now, line, strlen(line), "/", 1, NULL, buffer, size,
                              &made) == SEALRING_OK);
  CHECK(made.fate == SEALRING_COOKIE_SEALED && made.count == 1 && is(made.name, "sid"));
  const char* end = memchr(made.lines[0].data, ';', made.lines[0].size);
  const size_t length = end != NULL ? (size_t)(end - made.lines[0].data) : made.lines[0].size;
  char* cookie = calloc(length + 1, 1);
  memcpy(cookie, made.lines[0].data, length);
  free(buffer);
  return cookie;
}

static sealring_cookies* open_header(const char* header, void** buffer, sealring_text* passed) {
  sealring_cookies* cookies = sealring_cookies_init(malloc(sealring_cookies_size()), policy);
  CHECK(sealring_cookies_read(cookies, sealer, header, strlen(header)) == SEALRING_OK);
  const size_t size = sealring_cookies_open_size(cookies, sealer);
  *buffer = memset(malloc(size), 'x', size);
  CHECK(sealring_cookies_begin(cookies, sealer, now, *buffer, size) == SEALRING_OK);
  CHECK(sealring_cookies_rewrite(cookies, header, strlen(header), passed) == SEALRING_OK);
  return cookies;
}

static sealring_cookies_info describe(const sealring_cookies* cookies) {
  sealring_cookies_info info = SEALRING_INIT(sealring_cookies_info);
  CHECK(sealring_cookies_describe(cookies, &info) == SEALRING_OK);
  return info;
}

static void test_there_and_back(void) {
  char* cookie = seal("sid=alice; HttpOnly");
  void* buffer;
  sealring_text passed, name;
  sealring_cookies* cookies = open_header(cookie, &buffer, &passed);
  CHECK(is(passed, "sid=alice") && passed.data[passed.size] == '\0');
  sealring_cookies_info info = describe(cookies);
  CHECK(info.opened == 1 && info.cut == 0 && info.plain == 0 && info.due == 0);
  CHECK(!sealring_cookies_due_at(cookies, 0, &name) && name.size == 0);
  CHECK(sealring_cookies_renew_size(cookies, sealer, 0) == 0);
  free(cookies);
  free(buffer);

  char* const altered = &cookie[strlen(cookie) - 3];
  *altered = *altered == 'A' ? 'B' : 'A';
  cookies = open_header(cookie, &buffer, &passed);
  CHECK(passed.size == 0);
  info = describe(cookies);
  CHECK(info.opened == 0 && info.cut == 1 && info.forged && is(info.name, "sid"));
  CHECK(info.reason == SEALRING_AUTHENTICATION_FAILED && strlen(info.kid) == 8);
  free(cookies);
  free(buffer);
  free(cookie);
}

static void test_a_renewal(void) {
  char* cookie = seal("sid=alice; Path=/; Max-Age=60");
  sealring_sealer* old_sealer = sealer;
  sealring_key keys[2] = {SEALRING_INIT(sealring_key), SEALRING_INIT(sealring_key)};
  for (int i = 0; i < 2; ++i) {
    keys[i].algorithm = "XAES-256-GCM";
    keys[i].secret =
        i == 0 ? "abcdefghijklmnopqrstuvwxyz123456" : "another secret of 32 bytes here.";
    keys[i].secret_size = 32;
  }
  sealring_keyring* rotated = NULL;
  CHECK(sealring_keyring_from_keys(keys, 2, &rotated, NULL) == SEALRING_OK);
  CHECK(sealring_sealer_new(rotated, NULL, &sealer, NULL) == SEALRING_OK);

  void* buffer;
  sealring_text passed, name;
  sealring_cookies* cookies = open_header(cookie, &buffer, &passed);
  CHECK(describe(cookies).due == 1);
  CHECK(sealring_cookies_due_at(cookies, 0, &name) && is(name, "sid"));
  const size_t size = sealring_cookies_renew_size(cookies, sealer, 0);
  void* room = malloc(size);
  sealring_set_cookie made = SEALRING_INIT(sealring_set_cookie);
  CHECK(sealring_cookies_renew(cookies, sealer, now + 10, 0, room, size, &made) == SEALRING_OK);
  const char end[] = "; Path=/; Max-Age=50";
  CHECK(made.count == 1 && made.lines[0].size > sizeof end &&
        memcmp(made.lines[0].data + made.lines[0].size - (sizeof end - 1), end, sizeof end - 1) ==
            0);
  CHECK(sealring_cookies_renew(cookies, sealer, now, 1, room, size, &made) ==
        SEALRING_INVALID_ARGUMENT);
  free(room);
  free(cookies);
  free(buffer);
  free(cookie);
  sealring_sealer_free(sealer);
  sealring_keyring_free(rotated);
  sealer = old_sealer;
}

static int begins_with_x(const void* data, const char* name, size_t size) {
  return size > 0 && *name == *(const char*)data;
}

static void test_options(void) {
  const sealring_status invalid = SEALRING_INVALID_ARGUMENT;
  sealring_cookies_policy* made = NULL;
  sealring_error error = SEALRING_INIT(sealring_error);
  sealring_cookies_options options = options_of();
  options.mode = 3;
  CHECK(sealring_cookies_policy_new(&options, &made, &error) == invalid && made == NULL);
  CHECK(strcmp(error.message, "there is no such mode") == 0);
  options = options_of();
  options.names = NULL;
  CHECK(sealring_cookies_policy_new(&options, &made, &error) == invalid);
  const char* const missing[] = {NULL};
  options.names = missing;
  CHECK(sealring_cookies_policy_new(&options, &made, &error) == invalid);
  options = options_of();
  options.session_count = 1;
  CHECK(sealring_cookies_policy_new(&options, &made, &error) == invalid);
  options.sessions = missing;
  CHECK(sealring_cookies_policy_new(&options, &made, &error) == invalid);
  options = options_of();
  options.size = 0;
  CHECK(sealring_cookies_policy_new(&options, &made, &error) == invalid);
  options = options_of();
  options.context = NULL;
  CHECK(sealring_cookies_policy_new(&options, &made, &error) == invalid);

  options = options_of();
  options.name_count = 0;
  options.matches = begins_with_x;
  options.match_data = "x";
  const char* const sessions[] = {"xs", "x2"};
  options.sessions = sessions;
  options.session_count = 2;
  CHECK(sealring_cookies_policy_new(&options, &made, &error) == SEALRING_OK);
  sealring_cookies_policy* usual = policy;
  policy = made;
  void* buffer;
  sealring_text passed;
  sealring_cookies* cookies = open_header("x1=a; y=b; xs=c; x2=d", &buffer, &passed);
  CHECK(is(passed, "y=b; xs=c; x2=d"));
  free(cookies);
  free(buffer);
  policy = usual;
  sealring_cookies_policy_free(made);
}

static void test_null(void) {
  const sealring_status invalid = SEALRING_INVALID_ARGUMENT;
  const sealring_cookies_options options = options_of();
  sealring_cookies_policy* made = NULL;
  sealring_cookies_info info = SEALRING_INIT(sealring_cookies_info);
  sealring_set_cookie set = SEALRING_INIT(sealring_set_cookie);
  sealring_text text;
  char buffer[1024];
  sealring_cookies* cookies = sealring_cookies_init(malloc(sealring_cookies_size()), policy);

  sealring_cookies_policy_free(NULL);
  CHECK(sealring_cookies_policy_new(NULL, &made, NULL) == invalid);
  CHECK(sealring_cookies_policy_new(&options, NULL, NULL) == invalid);
  CHECK(sealring_cookies_init(NULL, policy) == NULL);
  CHECK(sealring_cookies_init(buffer, NULL) == NULL);
  CHECK(sealring_cookies_rewrite(cookies, "a=b", 3, &text) == invalid);  // before begin
  CHECK(sealring_cookies_read(NULL, sealer, "a=b", 3) == invalid);
  CHECK(sealring_cookies_read(cookies, NULL, "a=b", 3) == invalid);
  CHECK(sealring_cookies_read(cookies, sealer, NULL, 3) == invalid);
  CHECK(sealring_cookies_read(cookies, sealer, NULL, 0) == SEALRING_OK);
  CHECK(sealring_cookies_open_size(NULL, sealer) == 0);
  CHECK(sealring_cookies_open_size(cookies, NULL) == 0);
  CHECK(sealring_cookies_begin(NULL, sealer, now, buffer, sizeof buffer) == invalid);
  CHECK(sealring_cookies_begin(cookies, NULL, now, buffer, sizeof buffer) == invalid);
  CHECK(sealring_cookies_begin(cookies, sealer, now, NULL, 1) == invalid);
  CHECK(sealring_cookies_begin(cookies, sealer, now, NULL, 0) == SEALRING_BUFFER_TOO_SMALL);
  CHECK(sealring_cookies_begin(cookies, sealer, now, buffer, 1) == SEALRING_OK);
  CHECK(sealring_cookies_rewrite(NULL, "a=b", 3, &text) == invalid);
  CHECK(sealring_cookies_rewrite(cookies, NULL, 3, &text) == invalid);
  CHECK(sealring_cookies_rewrite(cookies, "a=b", 3, NULL) == invalid);
  CHECK(sealring_cookies_rewrite(cookies, "a=b", 3, &text) == SEALRING_BUFFER_TOO_SMALL);
  CHECK(sealring_cookies_describe(NULL, &info) == invalid);
  CHECK(sealring_cookies_describe(cookies, NULL) == invalid);
  CHECK(sealring_cookies_seal_size(NULL, 3, 1) == 0);
  CHECK(sealring_cookies_seal(NULL, sealer, now, "a=b", 3, "/", 1, NULL, buffer, 1, &set) ==
        invalid);
  CHECK(sealring_cookies_seal(policy, NULL, now, "a=b", 3, "/", 1, NULL, buffer, 1, &set) ==
        invalid);
  CHECK(sealring_cookies_seal(policy, sealer, now, NULL, 3, "/", 1, NULL, buffer, 1, &set) ==
        invalid);
  CHECK(sealring_cookies_seal(policy, sealer, now, "a=b", 3, NULL, 1, NULL, buffer, 1, &set) ==
        invalid);
  CHECK(sealring_cookies_seal(policy, sealer, now, "a=b", 3, "/", 1, NULL, NULL, 1, &set) ==
        invalid);
  CHECK(sealring_cookies_seal(policy, sealer, now, "a=b", 3, "/", 1, NULL, buffer, 1, NULL) ==
        invalid);
  CHECK(!sealring_cookies_due_at(NULL, 0, &text));
  CHECK(!sealring_cookies_due_at(cookies, 0, NULL));
  CHECK(sealring_cookies_renew_size(NULL, sealer, 0) == 0);
  CHECK(sealring_cookies_renew(NULL, sealer, now, 0, buffer, 1, &set) == invalid);
  CHECK(sealring_cookies_renew(cookies, sealer, now, 0, buffer, 1, NULL) == invalid);
  free(cookies);
}

int main(void) {
  sealring_key key = SEALRING_INIT(sealring_key);
  key.algorithm = "XAES-256-GCM";
  key.secret = "abcdefghijklmnopqrstuvwxyz123456";
  key.secret_size = 32;
  CHECK(sealring_keyring_from_keys(&key, 1, &ring, NULL) == SEALRING_OK);
  CHECK(sealring_sealer_new(ring, NULL, &sealer, NULL) == SEALRING_OK);
  const sealring_cookies_options options = options_of();
  CHECK(sealring_cookies_policy_new(&options, &policy, NULL) == SEALRING_OK);

  test_there_and_back();
  test_a_renewal();
  test_options();
  test_null();

  sealring_cookies_policy_free(policy);
  sealring_sealer_free(sealer);
  sealring_keyring_free(ring);
  return failures != 0;
}
