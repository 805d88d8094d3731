// SPDX-License-Identifier: Apache-2.0
#include "crypto/drivers.h"

namespace sealring {

Explained<Driver*> find_driver(std::string_view name) {
  if (name != "openssl") {
    return problem(Error::invalid_argument,
                   "there is no crypto driver \"" + std::string(name) + "\"; there is: openssl");
  }
  static const auto openssl = make_openssl_driver();
  if (!openssl) return std::unexpected(openssl.error());
  return openssl->get();
}

}  // namespace sealring
