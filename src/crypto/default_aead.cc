// SPDX-License-Identifier: Apache-2.0
#include "crypto/default_aead.h"

#include <stdlib.h>  // secure_getenv

#include "crypto/ipsec_mb.h"

namespace sealring {

Explained<void> choose_aead(std::unique_ptr<Driver>& driver, bool is_openssls_own) {
  const char* const given = secure_getenv("SEALRING_AEAD");
  const std::string_view wanted = given != nullptr ? given : "";
  if (wanted == "openssl") return {};
  if (!wanted.empty() && wanted != "ipsec-mb") {
    return problem(Error::invalid_argument,
                   "the environment has SEALRING_AEAD=" + std::string(wanted) +
                       "; it may be openssl or ipsec-mb, or not be set");
  }
  auto used = is_openssls_own
                  ? use_ipsec_mb(driver)
                  : problem(Error::crypto_failure,
                            "OpenSSL is configured to use another provider's AES-256-GCM than "
                            "its default one's");
  if (!used && !wanted.empty()) {
    return problem(used.error().error,
                   "the environment has SEALRING_AEAD=ipsec-mb, but " + used.error().message);
  }
  return {};
}

}  // namespace sealring
