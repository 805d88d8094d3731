/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of JSON in, lines of JSON out: see jose_workers.py.   jose_cjose_worker RING
 */
#include <stdio.h>
#include <stdlib.h>

#include "jose_cjose.c"

static json_t* answer(const char* ring, json_t* request) {
  const char* context = json_string_value(json_object_get(request, "context"));
  json_t* claims = json_object_get(request, "claims");
  if (claims == NULL) {
    claims = open_token(ring, context, json_string_value(json_object_get(request, "token")));
    return json_pack("{s:o?}", "claims", claims);
  }
  char* token = seal_token(ring, context, claims, 3600);
  json_t* sealed = json_pack("{s:s?}", "token", token);
  free(token);
  return sealed;
}

int main(int argc, char** argv) {
  char* line = NULL;
  size_t capacity = 0;
  if (argc != 2) return 2;
  while (getline(&line, &capacity, stdin) > 0) {
    json_t* request = json_loads(line, 0, NULL);
    json_t* sent = answer(argv[1], request);
    json_dumpf(sent, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(sent);
    json_decref(request);
  }
  free(line);
  return 0;
}
