// SPDX-License-Identifier: Apache-2.0
#include "crypto/openssl_signatures.h"

#include <openssl/core_names.h>
#include <openssl/ecerr.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>

namespace sealring {
namespace {

using Key = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>>;
using ParametersBuilder = std::unique_ptr<OSSL_PARAM_BLD, OpensslDeleter<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, OpensslDeleter<OSSL_PARAM_free>>;

// Importing a point checks that it is one of the curve.
Result<Key> import(const OpensslSource& source, const char* type, OSSL_PARAM* parameters) {
  const KeyContext context(source.fetch<EVP_PKEY_CTX_new_from_name>(type));
  if (!context || EVP_PKEY_fromdata_init(context.get()) != 1) return failed();
  EVP_PKEY* key = nullptr;
  if (EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
    return failed(Error::malformed);
  }
  return Key(key);
}

Result<KeyContext> verifying(const OpensslSource& source, const Key& key) {
  KeyContext context(EVP_PKEY_CTX_new_from_pkey(source.library(), key.get(), source.properties()));
  if (!context || EVP_PKEY_verify_init(context.get()) != 1) return failed();
  return context;
}

// Some wrong signatures lead to the point at infinity, which OpenSSL reports as a failure of its
// own.
bool is_at_infinity() {
  const unsigned long code = ERR_peek_error();  // the oldest is the cause
  return ERR_GET_LIB(code) == ERR_LIB_EC && ERR_GET_REASON(code) == EC_R_POINT_AT_INFINITY;
}

Result<void> verify(EVP_PKEY_CTX* context, Sha256Digest digest, Bytes signature) {
  ERR_clear_error();
  const int verified =
      EVP_PKEY_verify(context, signature.data(), signature.size(), digest.data(), digest.size());
  if (verified == 1) return {};
  const bool is_wrong = verified == 0 || is_at_infinity();
  return failed(is_wrong ? Error::authentication_failed : Error::crypto_failure);
}

// A signature in DER, as OpenSSL has it: SEQUENCE { INTEGER r, INTEGER s }.
class DerSignature {
 public:
  explicit DerSignature(Es256Signature signature) {
    append(0x30);
    append(0);
    append_integer(signature.first<32>());
    append_integer(signature.last<32>());
    bytes_[1] = static_cast<std::uint8_t>(size_ - 2);
  }
  operator Bytes() const { return Bytes(bytes_).first(size_); }

 private:
  void append(std::uint8_t byte) { bytes_[size_++] = byte; }

  // Without leading zeros, except for one that keeps it from being negative.
  void append_integer(Bytes number) {
    while (number.size() > 1 && number.front() == 0) number = number.subspan(1);
    const bool high = number.front() >= 0x80;
    append(0x02);
    append(static_cast<std::uint8_t>(number.size() + high));
    if (high) append(0);
    for (const std::uint8_t byte : number) append(byte);
  }

  std::array<std::uint8_t, 2 + 2 * (2 + 33)> bytes_;
  std::size_t size_ = 0;
};

}  // namespace

Result<void> openssl_verify_es256(const OpensslSource& source, Es256Key key, Sha256Digest digest,
                                  Es256Signature signature) noexcept {
  char curve[] = "P-256";
  std::array<std::uint8_t, 65> point{0x04};
  copy(key, MutableBytes(point).subspan(1));
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
      OSSL_PARAM_END};
  const auto imported = import(source, "EC", parameters);
  if (!imported) return std::unexpected(imported.error());
  const auto context = verifying(source, *imported);
  if (!context) return std::unexpected(context.error());
  return verify(context->get(), digest, DerSignature(signature));
}

Result<void> openssl_verify_rs256(const OpensslSource& source, const EVP_MD* sha_256, Bytes modulus,
                                  Sha256Digest digest, Bytes signature) noexcept {
  if (!is_rs256_key(modulus)) return std::unexpected(Error::malformed);
  if (signature.size() != modulus.size()) return std::unexpected(Error::authentication_failed);
  const Number number(BN_bin2bn(modulus.data(), static_cast<int>(modulus.size()), nullptr));
  const ParametersBuilder builder(OSSL_PARAM_BLD_new());
  if (!number || !builder ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, number.get()) != 1 ||
      OSSL_PARAM_BLD_push_ulong(builder.get(), OSSL_PKEY_PARAM_RSA_E, RSA_F4) != 1) {
    return failed();
  }
  const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  if (!parameters) return failed();
  const auto imported = import(source, "RSA", parameters.get());
  if (!imported) return std::unexpected(imported.error());
  const auto context = verifying(source, *imported);
  if (!context) return std::unexpected(context.error());
  if (EVP_PKEY_CTX_set_rsa_padding(context->get(), RSA_PKCS1_PADDING) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context->get(), sha_256) != 1) {
    return failed();
  }
  return verify(context->get(), digest, signature);
}

}  // namespace sealring
