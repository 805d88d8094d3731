// SPDX-License-Identifier: Apache-2.0
// A device that signs proofs (spec/device-binding.md section 5), for tests and fuzz targets.
#pragma once

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "base/base64url.h"

namespace sealring::binding {

// A device with a key.
class Device {
 public:
  std::string proof(std::string_view challenge, bool registers) const {
    std::string header = R"({"alg":"ES256",)";
    if (registers) {
      header += R"("jwk":{"crv":"P-256","kty":"EC","x":")" + coordinate(1) + R"(","y":")" +
                coordinate(33) + R"("},)";
    }
    header += R"("typ":"dbsc+jwt"})";
    const std::string payload = R"({"jti":")" + std::string(challenge) + R"("})";
    const std::string text =
        base64url::encode(as_bytes(header)) + "." + base64url::encode(as_bytes(payload));
    return text + "." + base64url::encode(sign(text));
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
  };

  static void require(bool done) {
    if (!done) std::abort();
  }

  std::string coordinate(std::size_t place) const {
    unsigned char* point = nullptr;
    const std::size_t size = EVP_PKEY_get1_encoded_public_key(key_.get(), &point);
    require(size == 65);
    const std::string text = base64url::encode(Bytes(point + place, 32));
    OPENSSL_free(point);
    return text;
  }

  std::vector<std::uint8_t> sign(std::string_view text) const {
    const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
    require(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    std::vector<std::uint8_t> der(80);
    std::size_t size = der.size();
    const Bytes message = as_bytes(text);
    require(EVP_DigestSign(context.get(), der.data(), &size, message.data(), message.size()) == 1);
    const unsigned char* begin = der.data();
    const std::unique_ptr<ECDSA_SIG, Free> parsed(
        d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(size)));
    std::vector<std::uint8_t> signature(64);
    BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), signature.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), signature.data() + 32, 32);
    return signature;
  }

  std::unique_ptr<EVP_PKEY, Free> key_{EVP_EC_gen("P-256")};
};

}  // namespace sealring::binding
