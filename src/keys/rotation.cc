// SPDX-License-Identifier: Apache-2.0
#include "keys/rotation.h"

#include <algorithm>

#include "base/base64url.h"
#include "keys/keyring.h"
#include "keys/thumbprint.h"

namespace sealring {

Explained<Key> generate_key(Driver& driver, Algorithm algorithm, std::int64_t seal_from) {
  if (!row(algorithm).modern) {
    return problem(Error::invalid_argument,
                   "keys for " + std::string(row(algorithm).name) +
                       " come from an existing configuration; use: sealring keyring add");
  }
  Key key;
  key.algorithm = algorithm;
  key.seal_from = seal_from;
  key.secret.resize(row(algorithm).min_secret_size);
  if (auto filled = driver.random(key.secret); !filled) {
    return problem(filled.error(), "the crypto library gave no random bytes");
  }
  auto kid = derive_kid(driver, key.secret);
  if (!kid) return std::unexpected(kid.error());
  key.kid = std::move(*kid);
  return key;
}

Explained<std::string> generate_kid(Driver& driver) {
  std::array<std::uint8_t, kDerivedKidBytes> bytes;
  if (auto filled = driver.random(bytes); !filled) {
    return problem(filled.error(), "the crypto library gave no random bytes");
  }
  return base64url::encode(bytes);
}

Explained<std::string> rotate(Driver& driver, std::vector<Key>& keys, const Rotation& rotation) {
  const auto ring = Keyring::make(keys);
  if (!ring) return std::unexpected(ring.error());
  const Key* primary = (*ring)->primary(rotation.now);
  const Algorithm algorithm = primary != nullptr && row(primary->algorithm).modern
                                  ? primary->algorithm
                                  : Algorithm::xaes_256_gcm;

  const auto in_bounds = [](std::int64_t time) { return time >= 0 && time <= kLatestTime; };
  if (!in_bounds(rotation.now) || !in_bounds(rotation.activate_in) ||
      !in_bounds(rotation.max_lifetime) ||
      !in_bounds(rotation.now + rotation.activate_in + rotation.max_lifetime)) {
    return problem(Error::invalid_argument,
                   "the new key would start to seal, or the old ones stop opening, after the year "
                   "36812, which is the last");
  }
  const std::int64_t seal_from = rotation.now + rotation.activate_in;
  auto key = generate_key(driver, algorithm, seal_from);
  if (!key) return std::unexpected(key.error());
  const std::int64_t end = seal_from + rotation.max_lifetime;
  for (Key& old : keys) {
    // A key that only opens but has a time to seal from was withdrawn by an earlier rotation.
    const bool withdrawn = !old.may_seal && old.seal_from != 0;
    if (!old.may_seal && !withdrawn) continue;
    if (old.open_until == 0 || old.open_until > end) old.open_until = end;
    // It would take over from the new key. A key that seals sooner is still needed: the keys before
    // it stop opening at a time that was computed from its seal_from.
    if (old.seal_from > seal_from) old.may_seal = false;
  }
  keys.push_back(std::move(*key));
  return keys.back().kid;
}

Explained<std::size_t> prune(std::vector<Key>& keys, std::int64_t now) {
  const auto is_over = [now](const Key& key) { return !key.opens_at(now); };
  const auto still_seals = [&](const Key& key) { return key.may_seal && !is_over(key); };
  if (!std::ranges::any_of(keys, still_seals)) {
    return problem(Error::no_primary_key,
                   "no key would be left that seals; run first: sealring keyring rotate");
  }
  return std::erase_if(keys, is_over);
}

}  // namespace sealring
