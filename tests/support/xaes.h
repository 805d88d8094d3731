// SPDX-License-Identifier: Apache-2.0
// XAES-256-GCM in one call, from the same parts that the formats use.
#pragma once

#include <memory>
#include <vector>

#include "crypto/xaes.h"
#include "support/observed_driver.h"

namespace sealring {

class Xaes {
 public:
  Xaes()
      : derivation_(tested_driver().aes_256().value()),
        gcm_(tested_driver().aes_256_gcm().value()) {}

  std::vector<std::uint8_t> encrypt(std::span<const std::uint8_t, xaes::kKeySize> key,
                                    std::span<const std::uint8_t, xaes::kNonceSize> nonce,
                                    Bytes plaintext, Bytes associated_data) {
    std::vector<std::uint8_t> out(plaintext.begin(), plaintext.end());
    out.resize(out.size() + AesGcm::kTagSize);
    derivation_.set_key(key).value();
    derivation_.derive(nonce.first<xaes::kPrefixSize>(), *gcm_).value();
    gcm_->encrypt_in_place(nonce.last<AesGcm::kNonceSize>(), associated_data,
                           MutableBytes(out).first(plaintext.size()),
                           MutableBytes(out).last<AesGcm::kTagSize>())
        .value();
    return out;
  }

 private:
  xaes::Derivation derivation_;
  std::unique_ptr<AesGcm> gcm_;
};

}  // namespace sealring
