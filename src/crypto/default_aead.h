// SPDX-License-Identifier: Apache-2.0
// Which library encrypts AES-256-GCM for the default driver.
#pragma once

#include "crypto/driver.h"

namespace sealring {

// Replaces OpenSSL's AES-256-GCM by a faster one where there is one. In the environment,
// SEALRING_AEAD=openssl forbids that, and SEALRING_AEAD=ipsec-mb fails where it is not possible.
// `is_openssls_own`: whether AES-256-GCM is of OpenSSL's default provider. If it is another's, the
// administrator chose that one, for FIPS 140 for example.
Explained<void> choose_aead(std::unique_ptr<Driver>& driver, bool is_openssls_own);

}  // namespace sealring
