/* SPDX-License-Identifier: Apache-2.0
 *
 * Makes the JWE tokens that nginx and Apache open, and opens theirs, with cjose and jansson
 * (Debian: libcjose-dev, libjansson-dev). The caller frees what is returned; NULL means
 * failure.
 */
#include <cjose/cjose.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

static json_int_t number(const json_t* object, const char* name) {
  return json_integer_value(json_object_get(object, name));
}

static int may_encrypt(const json_t* key) {
  const json_t* operations = json_object_get(key, "key_ops");
  size_t i;
  const json_t* operation;
  json_array_foreach(operations, i, operation) {
    if (strcmp(json_string_value(operation), "encrypt") == 0) return 1;
  }
  return operations == NULL;
}

/* The JWE key with this kid or, if that is NULL, the one that seals now. */
static cjose_jwk_t* find_key(const char* ring_path, const char* kid, time_t now) {
  json_t* ring = json_load_file(ring_path, JSON_REJECT_DUPLICATES, NULL);
  json_t *found = NULL, *key;
  size_t i;
  json_array_foreach(json_object_get(ring, "keys"), i, key) {
    const json_int_t from = number(key, "seal_from"), until = number(key, "open_until");
    if (strcmp(json_string_value(json_object_get(key, "alg")), "A256GCM") != 0) continue;
    if (until != 0 && until <= now) continue;
    if (kid != NULL ? strcmp(json_string_value(json_object_get(key, "kid")), kid) == 0
                    : may_encrypt(key) && from <= now &&
                          (found == NULL || from >= number(found, "seal_from"))) {
      found = key;
    }
  }
  cjose_jwk_t* jwk = found == NULL ? NULL : cjose_jwk_import_json((cjose_header_t*)found, NULL);
  json_decref(ring);
  return jwk;
}

/* `claims` is the user's data, or {"payload":"text"} for a server that expects no JSON; iat, exp
 * and aud are added to it. */
static char* seal_token(const char* ring_path, const char* context, json_t* claims, int lifetime) {
  const time_t now = time(NULL);
  json_object_set_new(claims, "iat", json_integer(now));
  json_object_set_new(claims, "exp", json_integer(now + lifetime));
  json_object_set_new(claims, "aud", json_string(context));
  cjose_jwk_t* key = find_key(ring_path, NULL, now);
  if (key == NULL) return NULL;

  cjose_header_t* header = cjose_header_new(NULL);
  cjose_header_set(header, CJOSE_HDR_ALG, CJOSE_HDR_ALG_DIR, NULL);
  cjose_header_set(header, CJOSE_HDR_ENC, CJOSE_HDR_ENC_A256GCM, NULL);
  cjose_header_set(header, CJOSE_HDR_KID, cjose_jwk_get_kid(key, NULL), NULL);
  char* text = json_dumps(claims, JSON_COMPACT);
  cjose_jwe_t* jwe = cjose_jwe_encrypt(key, header, (const uint8_t*)text, strlen(text), NULL);
  char* token = jwe == NULL ? NULL : cjose_jwe_export(jwe, NULL);
  cjose_jwe_release(jwe);
  cjose_header_release(header);
  cjose_jwk_release(key);
  free(text);
  return token;
}

static int is_for(const json_t* audience, const char* context) {
  size_t i;
  const json_t* name;
  json_array_foreach(audience, i, name) {
    if (is_for(name, context)) return 1;
  }
  return json_is_string(audience) && strcmp(json_string_value(audience), context) == 0;
}

/* cjose checks neither what the header asks for nor any claim: so this is done here. */
static json_t* open_token(const char* ring_path, const char* context, const char* token) {
  const time_t now = time(NULL);
  json_t* claims = NULL;
  cjose_jwe_t* jwe = cjose_jwe_import(token, strlen(token), NULL);
  cjose_header_t* header = jwe == NULL ? NULL : cjose_jwe_get_protected(jwe);
  const char* alg = header == NULL ? NULL : cjose_header_get(header, CJOSE_HDR_ALG, NULL);
  const char* enc = header == NULL ? NULL : cjose_header_get(header, CJOSE_HDR_ENC, NULL);
  const char* kid = header == NULL ? NULL : cjose_header_get(header, CJOSE_HDR_KID, NULL);
  cjose_jwk_t* key = kid == NULL ? NULL : find_key(ring_path, kid, now);
  if (key != NULL && alg != NULL && strcmp(alg, "dir") == 0 && enc != NULL &&
      strcmp(enc, "A256GCM") == 0) {
    size_t size = 0;
    uint8_t* text = cjose_jwe_decrypt(jwe, key, &size, NULL);
    if (text != NULL) claims = json_loadb((const char*)text, size, JSON_REJECT_DUPLICATES, NULL);
    free(text);
  }
  cjose_jwk_release(key);
  cjose_jwe_release(jwe);
  const json_t* exp = json_object_get(claims, "exp");
  if (claims != NULL && (!is_for(json_object_get(claims, "aud"), context) ||
                         (exp != NULL && json_number_value(exp) <= (double)now))) {
    json_decref(claims);
    claims = NULL;
  }
  return claims;
}
