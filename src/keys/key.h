// SPDX-License-Identifier: Apache-2.0
// A key: its algorithm, when it seals, and until when it opens.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/secret.h"

namespace sealring {

enum class Algorithm {
  xaes_256_gcm,
  a256gcm,
  nginx_legacy,
  apache_aes256,
  apache_aes192,
  apache_aes128,
  apache_3des192,
};

// The token format, which follows from a key's algorithm. Several algorithms may share one.
enum class FormatId { s1, jwe, nginx_legacy, apache_legacy };
inline constexpr std::size_t kFormatCount = 4;

struct AlgorithmRow {
  Algorithm algorithm;
  FormatId format;
  std::string_view name;  // the JWK member "alg"
  std::size_t min_secret_size;
  std::size_t max_secret_size;
  std::size_t max_iv_size;  // 0: has no IV
  bool modern;              // authenticated; new keys are generated only for these
  bool kid_is_derived;      // from the secret; no other kid is accepted
};

inline constexpr std::size_t kMaxPassphraseSize = 8192;

inline constexpr std::array kAlgorithms = {
    AlgorithmRow{Algorithm::xaes_256_gcm, FormatId::s1, "XAES-256-GCM", 32, 32, 0, true, true},
    AlgorithmRow{Algorithm::a256gcm, FormatId::jwe, "A256GCM", 32, 32, 0, true, false},
    AlgorithmRow{Algorithm::nginx_legacy, FormatId::nginx_legacy, "nginx-legacy", 32, 32, 16, false,
                 false},
    AlgorithmRow{Algorithm::apache_aes256, FormatId::apache_legacy, "apache-aes256", 1,
                 kMaxPassphraseSize, 0, false, false},
    AlgorithmRow{Algorithm::apache_aes192, FormatId::apache_legacy, "apache-aes192", 1,
                 kMaxPassphraseSize, 0, false, false},
    AlgorithmRow{Algorithm::apache_aes128, FormatId::apache_legacy, "apache-aes128", 1,
                 kMaxPassphraseSize, 0, false, false},
    AlgorithmRow{Algorithm::apache_3des192, FormatId::apache_legacy, "apache-3des192", 1,
                 kMaxPassphraseSize, 0, false, false},
};

constexpr const AlgorithmRow& row(Algorithm algorithm) {
  return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

constexpr const AlgorithmRow* find_algorithm(std::string_view name) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

inline constexpr std::size_t kMaxKidSize = 128;
inline constexpr std::size_t kDerivedKidBytes = 6;
inline constexpr std::size_t kDerivedKidSize = 8;  // the size of their base64url

inline constexpr std::int64_t kLatestTime = (std::int64_t{1} << 40) - 1;  // year 36812, as in s1
inline constexpr std::string_view kDefaultLegacyIv = "deadbeefdeadbeef";

struct Key {
  Algorithm algorithm = Algorithm::xaes_256_gcm;
  std::string kid;              // at most kMaxKidSize printable characters
  SecretBytes secret;           // apache-*: the passphrase
  std::string iv;               // nginx-legacy: up to 16 bytes
  std::int64_t seal_from = 0;   // 0: no bound
  std::int64_t open_until = 0;  // 0: no bound
  bool may_seal = true;
  std::size_t place = 0;  // in its ring

  bool opens_at(std::int64_t now) const noexcept { return open_until == 0 || now < open_until; }
  bool seals_at(std::int64_t now) const noexcept {
    return may_seal && seal_from <= now && opens_at(now);
  }
};

}  // namespace sealring
