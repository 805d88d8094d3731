// SPDX-License-Identifier: Apache-2.0
// Passphrases that are found by trying: a guess at one costs an MD5 and a SipHash, so tens of
// millions are made in a second by whoever has one cookie.
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

constexpr size_t kMinSize = 16;

// Long enough, and the first that anyone tries. In lower case.
constexpr const char* kWellKnown[] = {
    "0123456789abcdef",          "1234567890123456",    "abcdefghijklmnop",
    "change-me-please",          "changemechangeme",    "correct horse battery staple",
    "correcthorsebatterystaple", "mysecretpassphrase",  "mysupersecretpassphrase",
    "passphrasepassphrase",      "passwordpassword",    "replace-this-passphrase",
    "secretpassphrase",          "sessionpassphrase",   "super-secret-passphrase",
    "supersecretpassphrase",     "supersecretpassword", "thisisasecretkey",
};

bool is_one_character(const char* passphrase) {
  const char accepted[] = {*passphrase, '\0'};
  return strspn(passphrase, accepted) == strlen(passphrase);
}

}  // namespace

bool is_guessable(const char* passphrase) {
  if (strlen(passphrase) < kMinSize || is_one_character(passphrase)) return true;
  for (const char* known : kWellKnown) {
    if (strcasecmp(passphrase, known) == 0) return true;
  }
  return false;
}

}  // namespace sealring::apache
