// SPDX-License-Identifier: Apache-2.0
// Passphrases that can be found by trying. A guess costs an MD5 and a SipHash, so anyone with one
// cookie can make tens of millions of guesses a second.
#include <apr_lib.h>
#include <string.h>

#include "module.h"

namespace sealring::apache {
namespace {

constexpr size_t kMinSize = 16;

// Long enough, and the first that anyone tries. Only letters and digits are compared, in lower
// case.
constexpr const char* kWellKnown[] = {
    "0123456789abcdef",
    "1234567890123456",
    "abcdefghijklmnop",
    "anexampletakerandomwordsofyourown",  // of our examples
    "anysecretpassphrase",
    "correcthorsebatterystaple",
    "mysecretpassphrase",
    "mysupersecretpassphrase",
    "passphrasepassphrase",
    "passwordpassword",
    "secretpassphrase",
    "sessionpassphrase",
    "supersecretpassphrase",
    "supersecretpassword",
    "thisisasecretkey",
    "yoursecretkey",
};

// Parts of placeholders, which random words do not have.
constexpr const char* kPlaceholders[] = {
    "changeme",          "changethis",     "chooseyourown",  "enteryour",
    "examplepassphrase", "insertyour",     "passphrasehere", "placeholder",
    "putyour",           "replaceme",      "replacethis",    "replacewith",
    "secrethere",        "yourpassphrase", "yoursecret",     "yourownsecret",
};

bool is_one_character(const char* passphrase) {
  const char accepted[] = {*passphrase, '\0'};
  return strspn(passphrase, accepted) == strlen(passphrase);
}

// The next letter or digit, in lower case; 0 at the end.
char next_plain(const char** text) {
  while (**text != '\0' && !apr_isalnum(**text)) ++*text;
  return **text == '\0' ? '\0' : static_cast<char>(apr_tolower(*(*text)++));
}

bool begins_with(const char* passphrase, const char* known) {
  for (; *known != '\0'; ++known) {
    if (next_plain(&passphrase) != *known) return false;
  }
  return true;
}

bool is_plainly(const char* passphrase, const char* known) {
  for (; *known != '\0'; ++known) {
    if (next_plain(&passphrase) != *known) return false;
  }
  return next_plain(&passphrase) == '\0';
}

bool has_plainly(const char* passphrase, const char* known) {
  for (; *passphrase != '\0'; ++passphrase) {
    if (begins_with(passphrase, known)) return true;
  }
  return false;
}

bool is_in_angle_brackets(const char* passphrase) {
  return *passphrase == '<' && passphrase[strlen(passphrase) - 1] == '>';
}

}  // namespace

bool is_guessable(const char* passphrase) {
  if (strlen(passphrase) < kMinSize || is_one_character(passphrase) ||
      is_in_angle_brackets(passphrase)) {
    return true;
  }
  for (const char* known : kWellKnown) {
    if (is_plainly(passphrase, known)) return true;
  }
  for (const char* placeholder : kPlaceholders) {
    if (has_plainly(passphrase, placeholder)) return true;
  }
  return false;
}

// A ${NAME} that httpd left as it was, because it knows no such variable.
bool is_unexpanded(const char* text) {
  while ((text = strstr(text, "${")) != nullptr) {
    text += 2;
    const char* end = text;
    while (apr_isalnum(*end) || *end == '_') ++end;
    if (end != text && *end == '}') return true;
  }
  return false;
}

}  // namespace sealring::apache
