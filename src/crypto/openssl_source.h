// SPDX-License-Identifier: Apache-2.0
// Where the OpenSSL driver gets its algorithms from.
#pragma once

#include <openssl/engine.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "crypto/drivers.h"

namespace sealring {

template <auto Free>
struct OpensslDeleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

// Servers use the same error queue of the thread, and log whatever is in it as their own.
inline std::unexpected<Error> failed(Error error = Error::crypto_failure) {
  ERR_clear_error();
  return std::unexpected(error);
}

class OpensslSource {
 public:
  // Uses the parameters "provider=" and "engine=". A provider is loaded into a library context of
  // its own, so that the server's own use of OpenSSL does not change.
  static Explained<OpensslSource> make(const DriverParameters& parameters);

  OSSL_LIB_CTX* library() const { return library_.get(); }  // null: OpenSSL's default
  const char* properties() const { return properties_.empty() ? nullptr : properties_.c_str(); }

  // `Fetch` is EVP_CIPHER_fetch or the like. Null if the algorithm is not there.
  template <auto Fetch>
  auto fetch(const char* name) const {
    return Fetch(library(), name, properties());
  }

  // The engine if it has the cipher, otherwise null. Engines identify a cipher by its number.
  ENGINE* engine_for(const EVP_CIPHER* cipher) const;

 private:
  Explained<void> load_provider(const std::string& name);
  Explained<void> load_engine(const std::string& name);

  static void finish(ENGINE* engine);
  std::unique_ptr<OSSL_LIB_CTX, OpensslDeleter<OSSL_LIB_CTX_free>> library_;
  std::unique_ptr<OSSL_PROVIDER, OpensslDeleter<OSSL_PROVIDER_unload>> provider_;
  std::unique_ptr<ENGINE, OpensslDeleter<finish>> engine_;
  std::string properties_;
};

}  // namespace sealring
