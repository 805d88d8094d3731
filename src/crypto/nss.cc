// SPDX-License-Identifier: Apache-2.0
// The NSS driver.
#include "crypto/drivers.h"

namespace sealring {

Explained<std::unique_ptr<Driver>> make_nss_driver(const DriverParameters&) {
  return problem(Error::crypto_failure, "this build has no NSS");
}

}  // namespace sealring
