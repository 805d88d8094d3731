// SPDX-License-Identifier: Apache-2.0
#include "crypto/openssl_gcm.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include "crypto/openssl_source.h"

namespace sealring {
namespace {

class ProviderAesGcm final : public AesGcm {
 public:
  ProviderAesGcm(const OpensslGcmFunctions& functions, void* context) noexcept
      : functions_(functions), context_(context) {}
  ProviderAesGcm(const ProviderAesGcm&) = delete;
  ProviderAesGcm& operator=(const ProviderAesGcm&) = delete;
  ~ProviderAesGcm() override { functions_.free_context(context_); }

  Result<void> set_key(std::span<const std::uint8_t, kKeySize> key) noexcept override {
    if (!functions_.encrypt(context_, key.data(), key.size(), nullptr, 0, nullptr)) return failed();
    return {};
  }

  Result<void> encrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<std::uint8_t, kTagSize> tag) noexcept override {
    OSSL_PARAM tag_of[] = {parameter(tag.data()), OSSL_PARAM_END};
    std::size_t none = 0;
    if (!functions_.encrypt(context_, nullptr, 0, nonce.data(), nonce.size(), nullptr) ||
        !update(nullptr, associated_data) || !update(text.data(), text) ||
        !functions_.finish(context_, tag.data(), &none, 0) || !functions_.get(context_, tag_of)) {
      return failed();
    }
    return {};
  }

  Result<void> decrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<const std::uint8_t, kTagSize> tag) noexcept override {
    std::uint8_t expected[kTagSize];  // the parameter is not const
    std::memcpy(expected, tag.data(), kTagSize);
    const OSSL_PARAM with_tag[] = {parameter(expected), OSSL_PARAM_END};
    std::size_t none = 0;
    if (!functions_.decrypt(context_, nullptr, 0, nonce.data(), nonce.size(), with_tag) ||
        !update(nullptr, associated_data) || !update(text.data(), text)) {
      return failed();
    }
    if (!functions_.finish(context_, expected, &none, 0)) {
      return failed(Error::authentication_failed);
    }
    return {};
  }

 private:
  static OSSL_PARAM parameter(std::uint8_t* tag) noexcept {
    return OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, kTagSize);
  }

  // Where `out` is null, the bytes are associated data.
  bool update(std::uint8_t* out, Bytes in) noexcept {
    std::size_t size = 0;
    return in.empty() || functions_.update(context_, out, &size, in.size(), in.data(), in.size());
  }

  const OpensslGcmFunctions functions_;
  void* const context_;
};

// `Typed` is OSSL_FUNC_cipher_newctx or the like.
template <auto Typed>
auto function(const OSSL_DISPATCH* functions, int id) noexcept {
  for (; functions->function_id != 0; ++functions) {
    if (functions->function_id == id) return Typed(functions);
  }
  return decltype(Typed(functions)){};
}

// Its names, with colons between them, begin with this one.
bool is_aes_256_gcm(const OSSL_ALGORITHM& algorithm) noexcept {
  const std::string_view names = algorithm.algorithm_names;
  return names.substr(0, names.find(':')) == "AES-256-GCM";
}

// Null if there is not exactly one.
const OSSL_DISPATCH* the_aes_256_gcm_of(const OSSL_ALGORITHM* algorithm) noexcept {
  const OSSL_DISPATCH* found = nullptr;
  for (; algorithm != nullptr && algorithm->algorithm_names != nullptr; ++algorithm) {
    if (!is_aes_256_gcm(*algorithm)) continue;
    if (found != nullptr) return nullptr;
    found = algorithm->implementation;
  }
  return found;
}

}  // namespace

std::optional<OpensslGcmFunctions> OpensslGcmFunctions::find(const EVP_CIPHER* cipher) noexcept {
  const OSSL_PROVIDER* const provider = EVP_CIPHER_get0_provider(cipher);
  if (provider == nullptr) return std::nullopt;
  int no_cache = 0;
  const auto* const algorithms = OSSL_PROVIDER_query_operation(provider, OSSL_OP_CIPHER, &no_cache);
  const OSSL_DISPATCH* const found = the_aes_256_gcm_of(algorithms);
  OSSL_PROVIDER_unquery_operation(provider, OSSL_OP_CIPHER, algorithms);
  if (found == nullptr || no_cache != 0) return std::nullopt;
  const OpensslGcmFunctions functions = {
      .provider = OSSL_PROVIDER_get0_provider_ctx(provider),
      .make_context = function<OSSL_FUNC_cipher_newctx>(found, OSSL_FUNC_CIPHER_NEWCTX),
      .free_context = function<OSSL_FUNC_cipher_freectx>(found, OSSL_FUNC_CIPHER_FREECTX),
      .encrypt = function<OSSL_FUNC_cipher_encrypt_init>(found, OSSL_FUNC_CIPHER_ENCRYPT_INIT),
      .decrypt = function<OSSL_FUNC_cipher_decrypt_init>(found, OSSL_FUNC_CIPHER_DECRYPT_INIT),
      .update = function<OSSL_FUNC_cipher_update>(found, OSSL_FUNC_CIPHER_UPDATE),
      .finish = function<OSSL_FUNC_cipher_final>(found, OSSL_FUNC_CIPHER_FINAL),
      .get = function<OSSL_FUNC_cipher_get_ctx_params>(found, OSSL_FUNC_CIPHER_GET_CTX_PARAMS),
  };
  const auto& [context, make, free, encrypt, decrypt, update, finish, get] = functions;
  if (!make || !free || !encrypt || !decrypt || !update || !finish || !get) return std::nullopt;
  return functions;
}

Result<std::unique_ptr<AesGcm>> OpensslGcmFunctions::make() const noexcept {
  void* const context = make_context(provider);
  if (context == nullptr) return failed(Error::out_of_memory);
  std::unique_ptr<AesGcm> made(new (std::nothrow) ProviderAesGcm(*this, context));
  if (made) return made;
  free_context(context);
  return failed(Error::out_of_memory);
}

}  // namespace sealring
