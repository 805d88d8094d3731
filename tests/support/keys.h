// SPDX-License-Identifier: Apache-2.0
// Keys to test with. Secrets are 32 bytes that count up from a given one.
#pragma once

#include <numeric>
#include <vector>

#include "keys/jwk_set.h"
#include "keys/keyring.h"
#include "support/observed_driver.h"

namespace sealring {

inline constexpr std::int64_t kNow = 1'800'000'000;

inline Key modern_key(Algorithm algorithm, std::uint8_t first) {
  Key key;
  key.algorithm = algorithm;
  key.secret.resize(32);
  std::iota(key.secret.begin(), key.secret.end(), first);
  check_key(tested_driver(), key).value();  // gives it its kid
  return key;
}

inline Key xaes_key(std::uint8_t first = 0) {
  return modern_key(Algorithm::xaes_256_gcm, first);
}

inline Key a256gcm_key(std::uint8_t first = 0x40) {
  return modern_key(Algorithm::a256gcm, first);
}

inline Key legacy_key(std::uint8_t first = 0x80, std::string_view iv = kDefaultLegacyIv) {
  Key key;
  key.algorithm = Algorithm::nginx_legacy;
  key.secret.resize(32);
  std::iota(key.secret.begin(), key.secret.end(), first);
  key.iv = iv;
  return key;
}

inline constexpr Algorithm kApacheAlgorithms[] = {
    Algorithm::apache_aes256, Algorithm::apache_aes192, Algorithm::apache_aes128,
    Algorithm::apache_3des192};

inline Key apache_key(Algorithm algorithm = Algorithm::apache_aes256,
                      std::string_view passphrase = "correct horse battery staple") {
  Key key;
  key.algorithm = algorithm;
  key.secret.assign(passphrase.begin(), passphrase.end());
  return key;
}

inline Key sealing_from(Key key, std::int64_t seal_from) {
  key.seal_from = seal_from;
  return key;
}

inline Key opening_until(Key key, std::int64_t open_until) {
  key.open_until = open_until;
  return key;
}

inline Key open_only(Key key) {
  key.may_seal = false;
  return key;
}

inline std::shared_ptr<const Keyring> ring_of(std::vector<Key> keys) {
  return Keyring::make(std::move(keys)).value();
}

inline std::string ring_text(const std::vector<Key>& keys) {
  return std::string(format_jwk_set(keys));
}

}  // namespace sealring
