// SPDX-License-Identifier: Apache-2.0
// How the OpenSSL driver verifies signatures. A key is used once, so each call imports it.
#pragma once

#include "crypto/openssl_source.h"

namespace sealring {

using Sha256Digest = std::span<const std::uint8_t, 32>;

Result<void> openssl_verify_es256(const OpensslSource& source, Es256Key key, Sha256Digest digest,
                                  Es256Signature signature) noexcept;
Result<void> openssl_verify_rs256(const OpensslSource& source, const EVP_MD* sha_256, Bytes modulus,
                                  Sha256Digest digest, Bytes signature) noexcept;

}  // namespace sealring
