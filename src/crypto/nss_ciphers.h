// SPDX-License-Identifier: Apache-2.0
// The ciphers of the NSS driver.
#pragma once

#include "crypto/driver.h"

namespace sealring::nss {

std::unique_ptr<AesGcm> make_aes_256_gcm() noexcept;
std::unique_ptr<AesBlock> make_aes_256() noexcept;
std::unique_ptr<Cbc> make_cbc(CbcCipher cipher) noexcept;

}  // namespace sealring::nss
