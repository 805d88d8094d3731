// SPDX-License-Identifier: Apache-2.0
// AES-256-GCM by Intel's ipsec-mb, which is several times as fast as OpenSSL's. The library is
// loaded at run time where it is installed: nothing is linked with it.
#pragma once

#include "crypto/driver.h"

namespace sealring {

// Makes the driver encrypt and decrypt AES-256-GCM by ipsec-mb; it does everything else as before.
// Fails, and leaves the driver as it is, if the library is not installed, if the processor lacks
// the instructions for AES, or if the library and the driver disagree.
Explained<void> use_ipsec_mb(std::unique_ptr<Driver>& driver);

}  // namespace sealring
