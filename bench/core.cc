// SPDX-License-Identifier: Apache-2.0
// What sealing and opening cost, beside the bare cipher and the original module's algorithm. Names
// end in the size of the payload, or in what else is varied.
#include <openssl/evp.h>
#include <sealring/sealring.h>

#include <cstring>
#include <memory>
#include <numeric>

#include "legacy_algorithm.h"
#include "measure.h"

namespace sealring::bench {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::uint64_t kLifetime = 3600;
constexpr std::string_view kContext = "session";
constexpr std::size_t kSizes[] = {64, 512, 3000};

using Data = std::vector<std::uint8_t>;
using Ring =
    std::unique_ptr<sealring_keyring, decltype([](auto* ring) { sealring_keyring_free(ring); })>;
using Sealer =
    std::unique_ptr<sealring_sealer, decltype([](auto* sealer) { sealring_sealer_free(sealer); })>;

Data payload_of(std::size_t size) {
  Data payload(size);
  std::iota(payload.begin(), payload.end(), std::uint8_t{0});
  return payload;
}

// Secrets are distinct, so that their kids are. The first key seals: it is the one whose
// seal_from is latest.
Ring ring_of(const char* algorithm, std::size_t keys = 1) {
  std::vector<Data> secrets(keys, Data(32, 0x5a));
  std::vector<sealring_key> list(keys, SEALRING_INIT(sealring_key));
  for (std::size_t i = 0; i < keys; ++i) {
    std::memcpy(secrets[i].data(), &i, sizeof i);
    list[i].algorithm = algorithm;
    list[i].secret = secrets[i].data();
    list[i].secret_size = secrets[i].size();
    list[i].seal_from = i == 0 ? 2 : 1;
  }
  sealring_keyring* ring = nullptr;
  require(sealring_keyring_from_keys(list.data(), keys, &ring, nullptr) == SEALRING_OK);
  return Ring(ring);
}

Sealer sealer_of(const Ring& ring) {
  sealring_sealer* sealer = nullptr;
  require(sealring_sealer_new(ring.get(), nullptr, &sealer, nullptr) == SEALRING_OK);
  return Sealer(sealer);
}

std::size_t seal(sealring_sealer* sealer, const Data& payload, Data& token) {
  sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
  const auto status =
      sealring_seal(sealer, kNow, kLifetime, kContext.data(), kContext.size(), payload.data(),
                    payload.size(), token.data(), token.size(), &sealed);
  require(status == SEALRING_OK);
  return sealed.token_size;
}

Data sealed(sealring_sealer* sealer, const Data& payload) {
  Data token(sealring_sealed_size(sealer, payload.size()));
  token.resize(seal(sealer, payload, token));
  return token;
}

void open(sealring_sealer* sealer, const Data& token, Data& buffer) {
  sealring_opened opened = SEALRING_INIT(sealring_opened);
  const auto status = sealring_open(sealer, kNow, kContext.data(), kContext.size(), token.data(),
                                    token.size(), buffer.data(), buffer.size(), &opened);
  require(status == SEALRING_OK);
}

// The limit: one call of the cipher on the payload, with a context that has its key. A nonce is
// set, and the tag fetched.
auto bare_cipher(std::size_t size) {
  using Context = std::unique_ptr<EVP_CIPHER_CTX,
                                  decltype([](auto* context) { EVP_CIPHER_CTX_free(context); })>;
  Context context(EVP_CIPHER_CTX_new());
  const Data key(32, 0x5a);
  require(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nullptr) == 1);
  return [context = std::move(context), payload = payload_of(size), out = Data(size),
          nonce = Data(12), tag = Data(16)]() mutable {
    int written = 0;
    ++nonce[0];
    EVP_CIPHER_CTX* const c = context.get();
    require(EVP_EncryptInit_ex(c, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
            EVP_EncryptUpdate(c, out.data(), &written, payload.data(),
                              static_cast<int>(payload.size())) == 1 &&
            EVP_EncryptFinal_ex(c, out.data() + written, &written) == 1 &&
            EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag.data()) == 1);
  };
}

auto sealing(const char* algorithm, std::size_t size) {
  Sealer sealer = sealer_of(ring_of(algorithm));
  Data token(sealring_sealed_size(sealer.get(), size));
  return [sealer = std::move(sealer), payload = payload_of(size), token]() mutable {
    seal(sealer.get(), payload, token);
  };
}

// One token again and again, in a ring of `keys` keys.
auto opening(const char* algorithm, std::size_t size, std::size_t keys = 1) {
  Sealer sealer = sealer_of(ring_of(algorithm, keys));
  const Data token = sealed(sealer.get(), payload_of(size));
  Data buffer(sealring_opened_size(sealer.get(), token.size()));
  return
      [sealer = std::move(sealer), token, buffer]() mutable { open(sealer.get(), token, buffer); };
}

// One token after another, each of another sealer and so of another prefix.
auto opening_prefixes(std::size_t size, std::size_t prefixes) {
  const Ring ring = ring_of("XAES-256-GCM");
  std::vector<Data> tokens;
  while (tokens.size() < prefixes)
    tokens.push_back(sealed(sealer_of(ring).get(), payload_of(size)));
  Sealer sealer = sealer_of(ring);
  Data buffer(sealring_opened_size(sealer.get(), tokens[0].size()));
  return [sealer = std::move(sealer), tokens, buffer, next = std::size_t{0}]() mutable {
    open(sealer.get(), tokens[next], buffer);
    if (++next == tokens.size()) next = 0;
  };
}

constexpr std::uint8_t kLegacyIv[] = "deadbeefdeadbeef";

auto legacy_sealing(std::size_t size) {
  return [key = Data(32, 0x5a), payload = payload_of(size),
          token = Data(legacy_token_size(size))]() mutable {
    require(legacy_seal(key.data(), kLegacyIv, kNow, payload.data(), payload.size(),
                        token.data()) != 0);
  };
}

auto legacy_opening(std::size_t size) {
  const Data key(32, 0x5a), payload = payload_of(size);
  Data token(legacy_token_size(size));
  token.resize(legacy_seal(key.data(), kLegacyIv, kNow + 1, payload.data(), size, token.data()));
  return [key, token, buffer = Data(token.size())]() mutable {
    require(legacy_open(key.data(), kLegacyIv, kNow, token.data(), token.size(), buffer.data()) !=
            0);
  };
}

}  // namespace

// Far more than an opener remembers.
constexpr std::size_t kColdPrefixes = 512;

void list_core() {
  for (const std::size_t size : kSizes) {
    const std::string n = "/" + std::to_string(size);
    measure("aes_256_gcm" + n, [=] { return bare_cipher(size); });
    measure("seal_s1" + n, [=] { return sealing("XAES-256-GCM", size); });
    measure("open_s1" + n, [=] { return opening("XAES-256-GCM", size); });
    measure("open_s1_cold" + n, [=] { return opening_prefixes(size, kColdPrefixes); });
    measure("seal_jwe" + n, [=] { return sealing("A256GCM", size); });
    measure("open_jwe" + n, [=] { return opening("A256GCM", size); });
    measure("seal_nginx_legacy" + n, [=] { return sealing("nginx-legacy", size); });
    measure("open_nginx_legacy" + n, [=] { return opening("nginx-legacy", size); });
    measure("open_apache_legacy" + n, [=] { return opening("apache-aes256", size); });
    measure("legacy_algorithm" + n, [=] { return legacy_sealing(size); });
    measure("legacy_algorithm_open" + n, [=] { return legacy_opening(size); });
  }
  for (const std::size_t keys : {1U, 10U, 100U, 1000U}) {
    measure("open_s1_keys/keys:" + std::to_string(keys),
            [=] { return opening("XAES-256-GCM", 64, keys); });
  }
  for (const std::size_t prefixes : {1U, 4U, 16U, 64U, 256U, 1024U}) {
    measure("open_s1_prefixes/prefixes:" + std::to_string(prefixes),
            [=] { return opening_prefixes(64, prefixes); });
  }
}

}  // namespace sealring::bench
