// SPDX-License-Identifier: Apache-2.0
// What sealing and opening cost, beside the bare cipher and the original module's algorithm. Names
// end in the size of the payload.
#include <openssl/evp.h>

#include "legacy_algorithm.h"
#include "tokens.h"

namespace sealring::bench {
namespace {

constexpr std::size_t kSizes[] = {64, 512, 3000};

// The limit: one call of the cipher that opens the payload with as much associated data as s1 has,
// through EVP, with a context that has its key. A nonce and a tag are set.
auto bare_cipher(std::size_t size) {
  using Context = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
  const auto context_of = [](auto init) {
    Context context(EVP_CIPHER_CTX_new());
    const Data key(32, 0x5a);
    require(init(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), nullptr) == 1);
    return context;
  };
  const Data nonce(12), associated(25);
  Data text = payload_of(size), tag(16);
  int written = 0;
  const Context encrypts = context_of(EVP_EncryptInit_ex);
  EVP_CIPHER_CTX* const e = encrypts.get();
  require(EVP_EncryptInit_ex(e, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
          EVP_EncryptUpdate(e, nullptr, &written, associated.data(),
                            static_cast<int>(associated.size())) == 1 &&
          EVP_EncryptUpdate(e, text.data(), &written, text.data(), static_cast<int>(size)) == 1 &&
          EVP_EncryptFinal_ex(e, text.data() + written, &written) == 1 &&
          EVP_CIPHER_CTX_ctrl(e, EVP_CTRL_AEAD_GET_TAG, 16, tag.data()) == 1);
  return [context = context_of(EVP_DecryptInit_ex), nonce, associated, text, tag,
          out = Data(size)]() mutable {
    EVP_CIPHER_CTX* const d = context.get();
    int length = 0;
    require(EVP_DecryptInit_ex(d, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
            EVP_DecryptUpdate(d, nullptr, &length, associated.data(),
                              static_cast<int>(associated.size())) == 1 &&
            EVP_DecryptUpdate(d, out.data(), &length, text.data(), static_cast<int>(text.size())) ==
                1 &&
            EVP_CIPHER_CTX_ctrl(d, EVP_CTRL_AEAD_SET_TAG, 16, tag.data()) == 1 &&
            EVP_DecryptFinal_ex(d, out.data() + length, &length) == 1);
  };
}

auto sealing(const char* algorithm, std::size_t size) {
  Sealer sealer = sealer_of(ring_of(algorithm));
  Data token(sealring_sealed_size(sealer.get(), size));
  return [sealer = std::move(sealer), payload = payload_of(size), token]() mutable {
    seal(sealer.get(), payload, token);
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
  measure("make_sealer/0", [] { return [ring = ring_of("XAES-256-GCM")] { sealer_of(ring); }; });
}

}  // namespace sealring::bench
