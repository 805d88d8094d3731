// SPDX-License-Identifier: Apache-2.0
// The interface of a crypto driver. An object looks up and allocates everything when it is made, so
// using it does neither. Only Driver itself is thread-safe.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/error.h"

namespace sealring {

// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags. A key stays until another is
// set.
class AesGcm {
 public:
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kNonceSize = 12;
  static constexpr std::size_t kTagSize = 16;
  using Nonce = std::span<const std::uint8_t, kNonceSize>;

  virtual ~AesGcm() = default;
  virtual Result<void> set_key(std::span<const std::uint8_t, kKeySize> key) noexcept = 0;
  virtual Result<void> encrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                        std::span<std::uint8_t, kTagSize> tag) noexcept = 0;
  // authentication_failed leaves unauthenticated bytes in `text`: the caller wipes them.
  virtual Result<void> decrypt_in_place(Nonce nonce, Bytes associated_data, MutableBytes text,
                                        std::span<const std::uint8_t, kTagSize> tag) noexcept = 0;
};

// Only the AES-256 block cipher, for deriving keys.
class AesBlock {
 public:
  static constexpr std::size_t kBlockSize = 16;
  using Block = std::span<std::uint8_t, kBlockSize>;

  virtual ~AesBlock() = default;
  virtual Result<void> set_key(std::span<const std::uint8_t, 32> key) noexcept = 0;
  // Each block is encrypted independently (ECB).
  virtual Result<void> encrypt_in_place(MutableBytes blocks) noexcept = 0;
};

enum class CbcCipher { aes_128, aes_192, aes_256, triple_des };
inline constexpr std::size_t kCbcCiphers = 4;

struct CbcSizes {
  std::size_t key;
  std::size_t block;
};

constexpr CbcSizes sizes_of(CbcCipher cipher) {
  constexpr CbcSizes kSizes[kCbcCiphers] = {{16, 16}, {24, 16}, {32, 16}, {24, 8}};
  return kSizes[static_cast<std::size_t>(cipher)];
}

// A block cipher in CBC mode (NIST SP 800-38A) without padding: sizes are multiples of the block
// size.
class Cbc {
 public:
  virtual ~Cbc() = default;
  virtual Result<void> set_key(Bytes key) noexcept = 0;
  virtual Result<void> encrypt_in_place(Bytes iv, MutableBytes text) noexcept = 0;
  virtual Result<void> decrypt(Bytes iv, Bytes ciphertext, MutableBytes plaintext) noexcept = 0;
  // Removes the key. set_key() alone may leave traces of it until the next use.
  virtual void forget() noexcept = 0;
};

class Md5 {
 public:
  static constexpr std::size_t kSize = 16;

  virtual ~Md5() = default;
  virtual Result<void> digest(Bytes data, std::span<std::uint8_t, kSize> out) noexcept = 0;
};

class Sha256 {
 public:
  static constexpr std::size_t kSize = 32;

  virtual ~Sha256() = default;
  virtual Result<void> digest(Bytes data, std::span<std::uint8_t, kSize> out) noexcept = 0;
};

// PBKDF2 (RFC 8018 section 5.2) with HMAC-SHA-1.
class Pbkdf2HmacSha1 {
 public:
  virtual ~Pbkdf2HmacSha1() = default;
  virtual Result<void> derive(Bytes passphrase, Bytes salt, unsigned iterations,
                              MutableBytes key) noexcept = 0;
};

// A public key for ES256, ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4): x and y. A signature
// is r and s. All four have 32 bytes, big-endian.
using Es256Key = std::span<const std::uint8_t, 64>;
using Es256Signature = std::span<const std::uint8_t, 64>;

// A public key for RS256, RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3), is a modulus of
// these sizes in bytes, big-endian. The exponent is 65537.
inline constexpr std::size_t kMinRs256Size = 256;
inline constexpr std::size_t kMaxRs256Size = 512;

constexpr bool is_rs256_key(Bytes modulus) {
  return modulus.size() >= kMinRs256Size && modulus.size() <= kMaxRs256Size &&
         modulus.front() >= 0x80 && modulus.back() % 2 == 1;
}

class Driver {
 public:
  virtual ~Driver() = default;
  virtual std::string_view name() const noexcept = 0;

  virtual Result<std::unique_ptr<AesGcm>> aes_256_gcm() noexcept = 0;
  virtual Result<std::unique_ptr<AesBlock>> aes_256() noexcept = 0;
  virtual Result<std::unique_ptr<Cbc>> cbc(CbcCipher cipher) noexcept = 0;
  virtual Result<std::unique_ptr<Md5>> md5() noexcept = 0;
  virtual Result<std::unique_ptr<Pbkdf2HmacSha1>> pbkdf2_hmac_sha1() noexcept = 0;

  virtual Result<std::unique_ptr<Sha256>> sha_256() noexcept = 0;
  virtual Result<void> random(MutableBytes out) noexcept = 0;

  // Whether a message has this signature. authentication_failed: it has not. malformed: the key is
  // not a point of the curve, or not an RSA key as above.
  virtual Result<void> verify_es256(Es256Key key, Bytes message,
                                    Es256Signature signature) noexcept = 0;
  virtual Result<void> verify_rs256(Bytes modulus, Bytes message, Bytes signature) noexcept = 0;

  // SHA-256 of something for which it is not worth keeping an object.
  Result<void> hash_once(Bytes data, std::span<std::uint8_t, Sha256::kSize> out) noexcept {
    auto sha_256 = this->sha_256();
    if (!sha_256) return std::unexpected(sha_256.error());
    return (*sha_256)->digest(data, out);
  }
};

}  // namespace sealring
