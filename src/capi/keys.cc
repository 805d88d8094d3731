// SPDX-License-Identifier: Apache-2.0
#include "capi/keys.h"

#include "keys/jwk_set.h"

static_assert(SEALRING_MAX_PASSPHRASE == sealring::kMaxPassphraseSize);
static_assert(SEALRING_KID_SIZE == sealring::kMaxKidSize + 1);

namespace sealring::capi {

Explained<Key> to_key(Driver& driver, const sealring_key* argument) {
  const auto given = read_structure(argument);
  if (!given) {
    return invalid_argument(
        "the size of a sealring_key is not set, or it has members that this version of the library "
        "(" SEALRING_VERSION ") does not know");
  }
  if (given->algorithm == nullptr) return invalid_argument("a key has no algorithm");
  const AlgorithmRow* algorithm = find_algorithm(given->algorithm);
  if (algorithm == nullptr) {
    return invalid_argument("there is no algorithm \"" + std::string(given->algorithm) + "\"");
  }
  const auto invalid = [&](std::string_view what) {
    return invalid_argument(std::string(algorithm->name) + " key: " + std::string(what));
  };
  if (given->secret == nullptr) return invalid("its secret is NULL");
  if (given->iv == nullptr && given->iv_size != 0) return invalid("its IV is NULL and has a size");
  if (given->secret_size > kMaxPayloadSize || given->iv_size > kMaxPayloadSize ||
      given->seal_from < 0 || given->open_until < 0) {
    return invalid("a size or time is out of bounds");
  }
  Key key;
  key.algorithm = algorithm->algorithm;
  if (given->kid != nullptr) key.kid = given->kid;
  const Bytes secret = bytes(given->secret, given->secret_size);
  key.secret.assign(secret.begin(), secret.end());
  if (given->iv != nullptr) {
    key.iv = as_text(bytes(given->iv, given->iv_size));
  } else if (algorithm->max_iv_size > 0) {
    key.iv = kDefaultLegacyIv;
  }
  key.seal_from = given->seal_from;
  key.open_until = given->open_until;
  key.may_seal = given->open_only == 0;
  if (auto checked = check_key(driver, key); !checked) return invalid(checked.error().message);
  return key;
}

}  // namespace sealring::capi
