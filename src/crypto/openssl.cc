// SPDX-License-Identifier: Apache-2.0
// The OpenSSL driver. Algorithms are fetched once, when the driver is made: a fetch for each call,
// which EVP_aes_256_cbc() causes, costs more than sealing a short payload.
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/md5.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "base/secret.h"
#include "crypto/default_aead.h"
#include "crypto/drivers.h"
#include "crypto/openssl_gcm.h"
#include "crypto/openssl_signatures.h"
#include "crypto/openssl_source.h"

namespace sealring {
namespace {

using Cipher = std::unique_ptr<EVP_CIPHER, OpensslDeleter<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, OpensslDeleter<EVP_CIPHER_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD, OpensslDeleter<EVP_MD_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF, OpensslDeleter<EVP_KDF_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, OpensslDeleter<EVP_KDF_CTX_free>>;

Result<void> checked(bool ok) {
  if (!ok) return failed();
  return {};
}

constexpr int kKeep = -1;

bool update(EVP_CIPHER_CTX* context, std::uint8_t* out, Bytes in) {
  int size = 0;
  return in.empty() ||
         EVP_CipherUpdate(context, out, &size, in.data(), static_cast<int>(in.size()));
}

// Where there are no OpensslGcmFunctions, as of an engine. Tags go through EVP_CIPHER_CTX_ctrl,
// because engines do not support parameters.
class OpensslAesGcm final : public AesGcm {
 public:
  explicit OpensslAesGcm(CipherContext context) : context_(std::move(context)) {}

  Result<void> set_key(std::span<const std::uint8_t, kKeySize> key) noexcept override {
    return checked(
        EVP_CipherInit_ex2(context_.get(), nullptr, key.data(), nullptr, kKeep, nullptr));
  }

  Result<void> encrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<std::uint8_t, kTagSize> tag) noexcept override {
    EVP_CIPHER_CTX* context = context_.get();
    int size = 0;
    return checked(EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), 1, nullptr) &&
                   update(context, nullptr, associated_data) &&
                   update(context, text.data(), text) &&
                   EVP_CipherFinal_ex(context, tag.data(), &size) &&
                   EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagSize, tag.data()));
  }

  Result<void> decrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                std::span<const std::uint8_t, kTagSize> tag) noexcept override {
    EVP_CIPHER_CTX* context = context_.get();
    std::uint8_t expected[kTagSize];  // the ctrl call's parameter is not const
    std::memcpy(expected, tag.data(), kTagSize);
    if (!EVP_CipherInit_ex2(context, nullptr, nullptr, nonce.data(), 0, nullptr) ||
        !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagSize, expected) ||
        !update(context, nullptr, associated_data) || !update(context, text.data(), text)) {
      return failed();
    }
    int size = 0;
    if (!EVP_CipherFinal_ex(context, expected, &size)) return failed(Error::authentication_failed);
    return {};
  }

 private:
  CipherContext context_;
};

class OpensslAesBlock final : public AesBlock {
 public:
  explicit OpensslAesBlock(CipherContext context) : context_(std::move(context)) {}

  Result<void> set_key(std::span<const std::uint8_t, 32> key) noexcept override {
    return checked(EVP_CipherInit_ex2(context_.get(), nullptr, key.data(), nullptr, 1, nullptr) &&
                   EVP_CIPHER_CTX_set_padding(context_.get(), 0));
  }

  Result<void> encrypt_in_place(MutableBytes blocks) noexcept override {
    return checked(update(context_.get(), blocks.data(), blocks));
  }

 private:
  CipherContext context_;
};

class OpensslCbc final : public Cbc {
 public:
  OpensslCbc(CbcSizes sizes, CipherContext encrypting, CipherContext decrypting)
      : sizes_(sizes),
        encrypting_{std::move(encrypting), 1},
        decrypting_{std::move(decrypting), 0} {}

  Result<void> set_key(Bytes key) noexcept override {
    if (key.size() != sizes_.key) return std::unexpected(Error::invalid_argument);
    copy(key, key_.span());
    encrypting_.has_key = decrypting_.has_key = false;
    return {};
  }

  Result<void> encrypt_in_place(Bytes iv, MutableBytes text) noexcept override {
    return run(encrypting_, iv, text, text.data());
  }

  Result<void> decrypt(Bytes iv, Bytes ciphertext, MutableBytes plaintext) noexcept override {
    return run(decrypting_, iv, ciphertext, plaintext.data());
  }

  void forget() noexcept override {
    wipe(key_.span());
    for (Direction* direction : {&encrypting_, &decrypting_}) {
      direction->has_key = false;
      const std::uint8_t iv[kMaxIvSize] = {};
      std::ignore = start(*direction, iv);
    }
  }

 private:
  static constexpr std::size_t kMaxKeySize = 32, kMaxIvSize = 16;

  // Gets the key at its first use, together with the IV: most keys are needed in one direction.
  struct Direction {
    CipherContext context;
    int encrypts;
    bool has_key = false;
  };

  bool start(Direction& direction, const std::uint8_t* iv) noexcept {
    const std::uint8_t* const key = direction.has_key ? nullptr : key_.data();
    direction.has_key = EVP_CipherInit_ex2(direction.context.get(), nullptr, key, iv,
                                           direction.encrypts, nullptr) &&
                        (key == nullptr || EVP_CIPHER_CTX_set_padding(direction.context.get(), 0));
    return direction.has_key;
  }

  Result<void> run(Direction& direction, Bytes iv, Bytes in, std::uint8_t* out) noexcept {
    if (iv.size() != sizes_.block || in.size() % sizes_.block != 0) {
      return std::unexpected(Error::invalid_argument);
    }
    return checked(start(direction, iv.data()) && update(direction.context.get(), out, in));
  }

  const CbcSizes sizes_;
  SecretArray<kMaxKeySize> key_;
  Direction encrypting_, decrypting_;
};

// The old functions, because EVP_DigestInit of OpenSSL 3.0 allocates at each call.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
class OpensslMd5 final : public Md5 {
 public:
  Result<void> digest(Bytes data, std::span<std::uint8_t, kSize> out) noexcept override {
    MD5_CTX state;
    const bool done = MD5_Init(&state) == 1 && MD5_Update(&state, data.data(), data.size()) == 1 &&
                      MD5_Final(out.data(), &state) == 1;
    OPENSSL_cleanse(&state, sizeof state);
    return checked(done);
  }
};

// The code of OpenSSL's default provider.
class OpensslDefaultSha256 final : public Sha256 {
 public:
  Result<void> digest(Bytes data, std::span<std::uint8_t, kSize> out) noexcept override {
    SHA256_CTX state;
    return checked(SHA256_Init(&state) == 1 &&
                   SHA256_Update(&state, data.data(), data.size()) == 1 &&
                   SHA256_Final(out.data(), &state) == 1);
  }
};
#pragma GCC diagnostic pop

// That of another provider.
class OpensslSha256 final : public Sha256 {
 public:
  OpensslSha256(DigestContext context, const EVP_MD* algorithm)
      : context_(std::move(context)), algorithm_(algorithm) {}

  Result<void> digest(Bytes data, std::span<std::uint8_t, kSize> out) noexcept override {
    EVP_MD_CTX* const context = context_.get();
    return checked(EVP_DigestInit_ex2(context, algorithm_, nullptr) == 1 &&
                   EVP_DigestUpdate(context, data.data(), data.size()) == 1 &&
                   EVP_DigestFinal_ex(context, out.data(), nullptr) == 1);
  }

 private:
  DigestContext context_;
  const EVP_MD* algorithm_;  // the driver's
};

class OpensslPbkdf2 final : public Pbkdf2HmacSha1 {
 public:
  explicit OpensslPbkdf2(KdfContext context) : context_(std::move(context)) {}

  Result<void> derive(Bytes passphrase, Bytes salt, unsigned iterations,
                      MutableBytes key) noexcept override {
    const OSSL_PARAM parameters[] = {
        octets(OSSL_KDF_PARAM_PASSWORD, passphrase), octets(OSSL_KDF_PARAM_SALT, salt),
        OSSL_PARAM_construct_uint(OSSL_KDF_PARAM_ITER, &iterations), OSSL_PARAM_END};
    return checked(EVP_KDF_derive(context_.get(), key.data(), key.size(), parameters) == 1);
  }

 private:
  // The parameter is not const, but is only read.
  static OSSL_PARAM octets(const char* name, Bytes value) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(value.data()),
                                             value.size());
  }

  KdfContext context_;
};

class OpensslDriver final : public Driver {
 public:
  // A null member means that the provider lacks the algorithm. OpenSSL's default provider has all
  // of them, unless it was configured otherwise.
  explicit OpensslDriver(OpensslSource source)
      : source_(std::move(source)),
        gcm_(source_.fetch<EVP_CIPHER_fetch>("AES-256-GCM")),
        ecb_(source_.fetch<EVP_CIPHER_fetch>("AES-256-ECB")),
        md5_(source_.fetch<EVP_MD_fetch>("MD5")),
        sha_256_(source_.fetch<EVP_MD_fetch>("SHA2-256")),
        pbkdf2_(source_.fetch<EVP_KDF_fetch>("PBKDF2")) {
    for (std::size_t i = 0; i < kCbcCiphers; ++i) {
      cbc_[i].reset(source_.fetch<EVP_CIPHER_fetch>(kCbcNames[i]));
    }
    if (gcm_ && source_.engine_for(gcm_.get()) == nullptr) {
      gcm_functions_ = OpensslGcmFunctions::find(gcm_.get());
    }
    ERR_clear_error();
  }

  bool has_what_s1_needs() const { return gcm_ && ecb_ && sha_256_; }

  bool has_its_own_gcm() const {
    const OSSL_PROVIDER* const provider = EVP_CIPHER_get0_provider(gcm_.get());
    return provider != nullptr && OSSL_PROVIDER_get0_name(provider) == std::string_view("default");
  }

  bool uses_engine() const {
    const auto served = [this](const Cipher& cipher) {
      return cipher && source_.engine_for(cipher.get()) != nullptr;
    };
    return served(gcm_) || served(ecb_) || std::ranges::any_of(cbc_, served);
  }

  std::string_view name() const noexcept override { return "openssl"; }

  Result<std::unique_ptr<AesGcm>> aes_256_gcm() noexcept override {
    if (gcm_functions_) return gcm_functions_->make();
    return made<AesGcm, OpensslAesGcm>(context(gcm_));
  }

  Result<std::unique_ptr<AesBlock>> aes_256() noexcept override {
    return made<AesBlock, OpensslAesBlock>(context(ecb_));
  }

  Result<std::unique_ptr<Cbc>> cbc(CbcCipher cipher) noexcept override {
    const Cipher& fetched = cbc_[static_cast<std::size_t>(cipher)];
    return made<Cbc, OpensslCbc>(Result<CbcSizes>(sizes_of(cipher)), context(fetched),
                                 context(fetched));
  }

  Result<std::unique_ptr<Md5>> md5() noexcept override {
    if (!md5_) return failed();
    return made<Md5, OpensslMd5>();
  }

  Result<std::unique_ptr<Pbkdf2HmacSha1>> pbkdf2_hmac_sha1() noexcept override {
    if (!pbkdf2_) return failed();
    KdfContext context(EVP_KDF_CTX_new(pbkdf2_.get()));
    if (!context) return failed(Error::out_of_memory);
    char sha1[] = "SHA1";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, sha1, 0), OSSL_PARAM_END};
    if (EVP_KDF_CTX_set_params(context.get(), parameters) != 1) return failed();
    return made<Pbkdf2HmacSha1, OpensslPbkdf2>(Result<KdfContext>(std::move(context)));
  }

  // "provider=" decides which provider it is of, or the default properties in openssl.cnf do.
  Result<std::unique_ptr<Sha256>> sha_256() noexcept override {
    const char* const provider = OSSL_PROVIDER_get0_name(EVP_MD_get0_provider(sha_256_.get()));
    if (provider == std::string_view("default")) return made<Sha256, OpensslDefaultSha256>();
    DigestContext context(EVP_MD_CTX_new());
    if (!context) return failed(Error::out_of_memory);
    return made<Sha256, OpensslSha256>(Result<DigestContext>(std::move(context)),
                                       Result<const EVP_MD*>(sha_256_.get()));
  }

  Result<void> random(MutableBytes out) noexcept override {
    return checked(RAND_bytes_ex(source_.library(), out.data(), out.size(), 0) == 1);
  }

  Result<void> verify_es256(Es256Key key, Bytes message,
                            Es256Signature signature) noexcept override {
    std::array<std::uint8_t, 32> digest;
    if (auto hashed = hash_once(message, digest); !hashed) return hashed;
    return openssl_verify_es256(source_, key, digest, signature);
  }

  Result<void> verify_rs256(Bytes modulus, Bytes message, Bytes signature) noexcept override {
    std::array<std::uint8_t, 32> digest;
    if (auto hashed = hash_once(message, digest); !hashed) return hashed;
    return openssl_verify_rs256(source_, sha_256_.get(), modulus, digest, signature);
  }

 private:
  // The cipher was fetched and there is no key yet, so this fails only if memory is missing or an
  // engine fails.
  Result<CipherContext> context(const Cipher& cipher) const {
    if (!cipher) return failed();
    ENGINE* const engine = source_.engine_for(cipher.get());
    CipherContext context(EVP_CIPHER_CTX_new());
    if (context &&
        EVP_CipherInit_ex(context.get(), cipher.get(), engine, nullptr, nullptr, 1) == 1) {
      return context;
    }
    return failed(engine == nullptr ? Error::out_of_memory : Error::crypto_failure);
  }

  template <class Interface, class Class, class... Parts>
  static Result<std::unique_ptr<Interface>> made(Result<Parts>... parts) {
    Result<void> ready;
    ((ready = ready && !parts ? Result<void>(std::unexpected(parts.error())) : ready), ...);
    if (!ready) return std::unexpected(ready.error());
    std::unique_ptr<Interface> object(new (std::nothrow) Class(std::move(*parts)...));
    if (!object) return std::unexpected(Error::out_of_memory);
    return object;
  }

  // In the order of CbcCipher.
  static constexpr const char* kCbcNames[kCbcCiphers] = {"AES-128-CBC", "AES-192-CBC",
                                                         "AES-256-CBC", "DES-EDE3-CBC"};

  OpensslSource source_;  // first, so that it is destroyed last
  Cipher gcm_, ecb_, cbc_[kCbcCiphers];
  std::optional<OpensslGcmFunctions> gcm_functions_;
  Digest md5_, sha_256_;
  Kdf pbkdf2_;
};

Explained<std::unique_ptr<Driver>> make(const DriverParameters& parameters) {
  auto source = OpensslSource::make(parameters);
  if (!source) return std::unexpected(source.error());
  auto driver = std::make_unique<OpensslDriver>(std::move(*source));
  if (!driver->has_what_s1_needs()) {
    return problem(
        Error::crypto_failure,
        "OpenSSL" +
            (parameters.has("provider") ? "'s provider \"" + parameters.value("provider") + "\""
                                        : std::string()) +
            " offers no AES-256-GCM, AES-256-ECB or SHA2-256; check the providers in its "
            "openssl.cnf (openssl list -providers)");
  }
  if (parameters.has("engine") && !driver->uses_engine()) {
    return problem(Error::crypto_failure, "OpenSSL's engine \"" + parameters.value("engine") +
                                              "\" has none of the ciphers that sealring uses; "
                                              "remove it, or use a provider instead");
  }
  if (!parameters.empty()) return driver;
  const bool is_openssls_own = driver->has_its_own_gcm();
  std::unique_ptr<Driver> chosen = std::move(driver);
  if (auto done = choose_aead(chosen, is_openssls_own); !done) {
    return std::unexpected(done.error());
  }
  return chosen;
}

constexpr ParameterRow kParameters[] = {{"engine", "NAME"}, {"provider", "NAME"}};

}  // namespace

const DriverRow kOpensslDriver = {.name = "openssl", .parameters = kParameters, .make = make};

}  // namespace sealring
