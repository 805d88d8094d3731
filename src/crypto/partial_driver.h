// SPDX-License-Identifier: Apache-2.0
// A driver that does some things itself and leaves the rest to another one. For a library that is
// faster at AES-256-GCM, for example, and has nothing else: it overrides aes_256_gcm() and name().
#pragma once

#include "crypto/driver.h"

namespace sealring {

class PartialDriver : public Driver {
 public:
  // `full` has to live longer than this one, as what find_driver() gives does.
  explicit PartialDriver(Driver& full) noexcept : full_(full) {}

  Result<std::unique_ptr<AesGcm>> aes_256_gcm() noexcept override { return full_.aes_256_gcm(); }
  Result<std::unique_ptr<AesBlock>> aes_256() noexcept override { return full_.aes_256(); }
  Result<std::unique_ptr<Cbc>> cbc(CbcCipher cipher) noexcept override { return full_.cbc(cipher); }
  Result<std::unique_ptr<Md5>> md5() noexcept override { return full_.md5(); }
  Result<std::unique_ptr<Pbkdf2HmacSha1>> pbkdf2_hmac_sha1() noexcept override {
    return full_.pbkdf2_hmac_sha1();
  }
  Result<std::unique_ptr<Sha256>> sha_256() noexcept override { return full_.sha_256(); }
  Result<void> random(MutableBytes out) noexcept override { return full_.random(out); }
  Result<void> verify_es256(Es256Key key, Bytes message,
                            Es256Signature signature) noexcept override {
    return full_.verify_es256(key, message, signature);
  }
  Result<void> verify_rs256(Bytes modulus, Bytes message, Bytes signature) noexcept override {
    return full_.verify_rs256(modulus, message, signature);
  }

 private:
  Driver& full_;
};

}  // namespace sealring
