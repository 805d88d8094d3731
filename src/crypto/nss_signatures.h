// SPDX-License-Identifier: Apache-2.0
// How the NSS driver verifies signatures. A key is used once, so each call imports it.
#pragma once

#include "crypto/driver.h"

namespace sealring::nss {

using Sha256Digest = std::span<const std::uint8_t, 32>;

Result<void> verify_es256(Es256Key key, Sha256Digest digest, Es256Signature signature) noexcept;
Result<void> verify_rs256(Bytes modulus, Sha256Digest digest, Bytes signature) noexcept;

}  // namespace sealring::nss
