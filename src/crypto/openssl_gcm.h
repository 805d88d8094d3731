// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM by the functions of an OpenSSL provider, without EVP's in front of them, which take a
// third of the instructions for a short text. Both interfaces are documented, provider-cipher(7)
// and EVP_EncryptInit(3), and run the same code.
#pragma once

#include <openssl/core_dispatch.h>
#include <openssl/evp.h>

#include <optional>

#include "crypto/driver.h"

namespace sealring {

struct OpensslGcmFunctions {
  void* provider;
  OSSL_FUNC_cipher_newctx_fn* make_context;
  OSSL_FUNC_cipher_freectx_fn* free_context;
  OSSL_FUNC_cipher_encrypt_init_fn* encrypt;
  OSSL_FUNC_cipher_decrypt_init_fn* decrypt;
  OSSL_FUNC_cipher_update_fn* update;
  OSSL_FUNC_cipher_final_fn* finish;
  OSSL_FUNC_cipher_get_ctx_params_fn* get;

  // Of the provider that the cipher was fetched from. None if it has not exactly one AES-256-GCM,
  // or lacks one of the functions.
  static std::optional<OpensslGcmFunctions> find(const EVP_CIPHER* cipher) noexcept;

  // The cipher has to live longer.
  Result<std::unique_ptr<AesGcm>> make() const noexcept;
};

}  // namespace sealring
