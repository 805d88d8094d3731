// SPDX-License-Identifier: Apache-2.0
#include "crypto/openssl_source.h"

#include <openssl/conf.h>
#include <openssl/err.h>

namespace sealring {
namespace {

// Of OpenSSL's queued errors the oldest is the cause of the others. The server uses the same queue.
std::unexpected<Problem> refused(std::string message) {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code != 0) {
    char reason[256];
    ERR_error_string_n(code, reason, sizeof reason);
    message.append(": ").append(reason);
  }
  return problem(Error::crypto_failure, std::move(message));
}

}  // namespace

Explained<OpensslSource> OpensslSource::make(const DriverParameters& parameters) {
  OpensslSource source;
  if (parameters.has("provider")) {
    if (auto loaded = source.load_provider(parameters.value("provider")); !loaded) {
      return std::unexpected(loaded.error());
    }
  }
  if (parameters.has("engine")) {
    if (auto loaded = source.load_engine(parameters.value("engine")); !loaded) {
      return std::unexpected(loaded.error());
    }
  }
  return source;
}

Explained<void> OpensslSource::load_provider(const std::string& name) {
  library_.reset(OSSL_LIB_CTX_new());
  // Reads openssl.cnf as OpenSSL does for the default context: some providers are configured there.
  if (!library_ ||
      CONF_modules_load_file_ex(library_.get(), nullptr, nullptr,
                                CONF_MFLAGS_DEFAULT_SECTION | CONF_MFLAGS_IGNORE_MISSING_FILE |
                                    CONF_MFLAGS_IGNORE_RETURN_CODES) <= 0) {
    return refused("OpenSSL cannot read its openssl.cnf for the provider \"" + name + "\"");
  }
  provider_.reset(OSSL_PROVIDER_load(library_.get(), name.c_str()));
  if (!provider_) {
    return refused("OpenSSL has no provider \"" + name +
                   "\" that it can load; the available ones are files in the folder that "
                   "\"openssl version -m\" shows, and \"default\"");
  }
  properties_ = "provider=" + name;
  return {};
}

// Engines are deprecated, but older HSMs still come with one.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

void OpensslSource::finish(ENGINE* engine) {
  ENGINE_finish(engine);
}

Explained<void> OpensslSource::load_engine(const std::string& name) {
  ENGINE_load_builtin_engines();
  ENGINE* const found = ENGINE_by_id(name.c_str());
  if (found == nullptr) {
    return refused("OpenSSL has no engine \"" + name +
                   "\"; the available ones are files in the folder that \"openssl version -e\" "
                   "shows");
  }
  if (ENGINE_init(found) == 1) engine_.reset(found);
  ENGINE_free(found);
  if (!engine_) return refused("OpenSSL's engine \"" + name + "\" does not start");
  return {};
}

ENGINE* OpensslSource::engine_for(const EVP_CIPHER* cipher) const {
  if (!engine_ || ENGINE_get_ciphers(engine_.get()) == nullptr ||
      ENGINE_get_cipher(engine_.get(), EVP_CIPHER_get_nid(cipher)) == nullptr) {
    return nullptr;
  }
  return engine_.get();
}

#pragma GCC diagnostic pop

}  // namespace sealring
