/* SPDX-License-Identifier: Apache-2.0
 * Seals its second argument with a key ring, and opens the token again.
 *   cc seal_and_open.c $(pkg-config --cflags --libs sealring) -o seal_and_open
 *   ./seal_and_open session.keys alice */
#include <sealring/sealring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char context[] = "session";
static const size_t context_size = sizeof context - 1;

/* Seals the text. Returns the token, which the caller frees, or NULL. */
static char* seal(sealring_sealer* sealer, int64_t now, const char* text) {
  const size_t capacity = sealring_sealed_size(sealer, strlen(text));
  char* token = malloc(capacity + 1);
  if (token == NULL) return NULL;
  sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
  const sealring_status status = sealring_seal(sealer, now, 3600, context, context_size, text,
                                               strlen(text), token, capacity, &sealed);
  if (status != SEALRING_OK) {
    fprintf(stderr, "cannot seal: %s\n", sealring_status_name(status));
    free(token);
    return NULL;
  }
  token[sealed.token_size] = '\0';
  return token;
}

/* Prints the payload, or why the token is refused. */
static int print_opened(sealring_sealer* sealer, int64_t now, const char* token) {
  const size_t capacity = sealring_opened_size(sealer, strlen(token));
  void* buffer = malloc(capacity + 1); /* capacity may be 0 */
  if (buffer == NULL) return 1;
  sealring_opened opened = SEALRING_INIT(sealring_opened);
  const sealring_status status = sealring_open(sealer, now, context, context_size, token,
                                               strlen(token), buffer, capacity, &opened);
  if (status == SEALRING_OK) {
    /* The payload is in the buffer. */
    printf("%.*s\n", (int)opened.payload_size, (const char*)opened.payload);
  } else {
    /* For the log. To clients every refusal looks the same. */
    fprintf(stderr, "refused: %s\n", sealring_status_name(status));
  }
  free(buffer);
  return status == SEALRING_OK ? 0 : 1;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s RING TEXT\n", argv[0]);
    return 2;
  }

  /* At start-up, once per process. */
  sealring_error error = SEALRING_INIT(sealring_error);
  sealring_keyring* keyring = NULL;
  if (sealring_keyring_load(argv[1], &keyring, &error) != SEALRING_OK) {
    fprintf(stderr, "%s\n", error.message);
    return 1;
  }

  /* After fork, once per thread. */
  sealring_sealer* sealer = NULL;
  if (sealring_sealer_new(keyring, NULL, &sealer, &error) != SEALRING_OK) {
    fprintf(stderr, "%s\n", error.message);
    sealring_keyring_free(keyring);
    return 1;
  }

  /* For each request: follow the ring's file, then seal or open. */
  const int64_t now = time(NULL);
  if (sealring_sealer_refresh(sealer, now, &error) != SEALRING_OK) {
    fprintf(stderr, "%s\n", error.message); /* and go on with the ring in use */
  }
  char* token = seal(sealer, now, argv[2]);
  const int status = token != NULL ? print_opened(sealer, now, token) : 1;
  free(token);

  sealring_sealer_free(sealer);
  sealring_keyring_free(keyring);
  return status;
}
