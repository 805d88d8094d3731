// SPDX-License-Identifier: Apache-2.0
// In the place of nss.cc where NSS is left out.
#include "crypto/drivers.h"

namespace sealring {

const DriverRow kNssDriver = {.name = "nss", .parameters = {}, .make = nullptr};

}  // namespace sealring
