// SPDX-License-Identifier: Apache-2.0
// MD5 of payload and expiry, then both encrypted. As in the original, each call makes a context and
// names the cipher by EVP_aes_256_cbc(), which makes OpenSSL 3 search its providers again.
#include "legacy_algorithm.h"

#include <openssl/evp.h>
#include <openssl/md5.h>

#include <cstring>
#include <memory>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace sealring::bench {
namespace {

constexpr std::size_t kTimeSize = 8;

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, Free>;

}  // namespace

std::size_t legacy_seal(const std::uint8_t* key, const std::uint8_t* iv, std::uint64_t expires_at,
                        const std::uint8_t* payload, std::size_t payload_size,
                        std::uint8_t* token) {
  const Context context(EVP_CIPHER_CTX_new());
  // The plaintext at the end of the token's place: encrypting runs towards it.
  std::uint8_t* plaintext = token + MD5_DIGEST_LENGTH;
  std::memcpy(plaintext, payload, payload_size);
  for (std::size_t i = 0; i < kTimeSize; ++i) {
    plaintext[payload_size + i] = static_cast<std::uint8_t>(expires_at >> (56 - 8 * i));
  }
  const auto size = static_cast<int>(payload_size + kTimeSize);
  MD5(plaintext, static_cast<std::size_t>(size), token);
  int written = 0, last = 0;
  if (!context || !EVP_EncryptInit(context.get(), EVP_aes_256_cbc(), key, iv) ||
      !EVP_EncryptUpdate(context.get(), plaintext, &written, plaintext, size) ||
      !EVP_EncryptFinal(context.get(), plaintext + written, &last)) {
    return 0;
  }
  return MD5_DIGEST_LENGTH + static_cast<std::size_t>(written + last);
}

std::size_t legacy_open(const std::uint8_t* key, const std::uint8_t* iv, std::uint64_t now,
                        const std::uint8_t* token, std::size_t token_size, std::uint8_t* payload) {
  const Context context(EVP_CIPHER_CTX_new());
  int written = 0, last = 0;
  if (token_size < MD5_DIGEST_LENGTH || !context ||
      !EVP_DecryptInit(context.get(), EVP_aes_256_cbc(), key, iv) ||
      !EVP_DecryptUpdate(context.get(), payload, &written, token + MD5_DIGEST_LENGTH,
                         static_cast<int>(token_size - MD5_DIGEST_LENGTH)) ||
      !EVP_DecryptFinal(context.get(), payload + written, &last)) {
    return 0;
  }
  const auto size = static_cast<std::size_t>(written + last);
  std::uint8_t digest[MD5_DIGEST_LENGTH];
  MD5(payload, size, digest);
  if (size < kTimeSize || std::memcmp(digest, token, sizeof digest) != 0) return 0;
  std::uint64_t expires_at = 0;
  for (std::size_t i = size - kTimeSize; i < size; ++i) expires_at = expires_at << 8 | payload[i];
  return expires_at != 0 && now >= expires_at ? 0 : size - kTimeSize;
}

}  // namespace sealring::bench
