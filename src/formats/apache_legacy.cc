// SPDX-License-Identifier: Apache-2.0
// The token of Apache's mod_session_crypto (spec/apache-legacy.md), sealed and opened.
//
//   text       = base64( MAC[8] salt[16] IV ciphertext )
//   MAC        = SipHash-2-4( MD5( passphrase ), salt IV ciphertext )         little-endian
//   ciphertext = CBC-PKCS7( PBKDF2-HMAC-SHA1( passphrase, salt, 4096 ), IV, payload )
#include <algorithm>
#include <array>
#include <bit>
#include <tuple>

#include "base/base64.h"
#include "base/pkcs7.h"
#include "base/secret.h"
#include "crypto/siphash.h"
#include "formats/format.h"

namespace sealring {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr unsigned kIterations = 4096;
constexpr std::size_t kMacSize = SipHash24::kSize;
constexpr std::size_t kHeadSize = kMacSize + kSaltSize;
constexpr std::size_t kMinBlockSize = 8;
constexpr std::size_t kMaxBlockSize = 16;
constexpr std::size_t kMaxKeySize = 32;

// A new salt costs a PBKDF2, so tokens share a salt for up to this many blocks; their IVs are
// random. spec/apache-legacy.md explains why that is safe, also with blocks of 64 bits.
constexpr std::size_t kBlocksPerSalt = std::size_t{1} << 16;

using Salt = std::array<std::uint8_t, kSaltSize>;

constexpr CbcCipher cipher_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::apache_3des192:
      return CbcCipher::triple_des;
    case Algorithm::apache_aes128:
      return CbcCipher::aes_128;
    case Algorithm::apache_aes192:
      return CbcCipher::aes_192;
    default:
      return CbcCipher::aes_256;
  }
}

constexpr std::size_t binary_size(std::size_t payload_size, std::size_t block) {
  return kHeadSize + block + pkcs7::padded_size(payload_size, block);
}

// A token has at least 54 characters before its padding. The chance that the first 32 bytes of an
// old nginx token are all in this alphabet is 2^-64.
bool recognises(Bytes token) noexcept {
  constexpr std::size_t kLooksSize = 32;
  std::uint8_t decoded[base64::decoded_size(kLooksSize)];
  return token.size() >= kLooksSize && token[kLooksSize - 1] != '=' &&
         base64::decode(as_text(token.first(kLooksSize)), decoded);
}

std::size_t sealed_size(std::size_t payload_size) noexcept {
  return base64::encoded_size(binary_size(payload_size, kMaxBlockSize));
}

// The binary token, followed by the plaintext: another key may have to try the ciphertext.
std::size_t opened_size(std::size_t token_size) noexcept {
  return 2 * base64::decoded_size(token_size);
}

Checked<Parsed> parse(Bytes token, MutableBytes buffer) noexcept {
  const auto size = base64::decode(as_text(token), buffer);
  if (!size) return refused(size.error(), "it is not base64, as old Apache tokens are");
  // An IV and at least one block, whichever the cipher.
  const std::size_t overhead = kHeadSize + kMinBlockSize;
  if (*size < overhead + kMinBlockSize || *size % kMinBlockSize != 0) {
    return refused(Error::malformed, "no old Apache token has this number of bytes");
  }
  return Parsed{.kid = {},
                .id = {},
                .header = {},
                .bytes = buffer.first(*size),
                .payload_size = *size - overhead - 1};
}

// The result of PBKDF2 for a passphrase and a salt. A key's address identifies it, because the ring
// does not change during this object's life.
struct Derived {
  const Key* key = nullptr;
  Salt salt{};
  SecretArray<kMaxKeySize> secret;

  bool serves(const Key& wanted, Bytes wanted_salt) const noexcept {
    return key == &wanted && std::memcmp(salt.data(), wanted_salt.data(), kSaltSize) == 0;
  }

  void set(const Derived& other) noexcept {
    key = other.key;
    salt = other.salt;
    copy(other.secret.span(), secret.span());
  }

  void forget() noexcept {
    key = nullptr;
    wipe(secret.span());
  }
};

class ApacheLegacy final : public Format {
 public:
  static Result<std::unique_ptr<Format>> make(Driver& driver, RandomPool& pool) noexcept {
    std::unique_ptr<ApacheLegacy> format(new (std::nothrow) ApacheLegacy(driver, pool));
    if (!format) return std::unexpected(Error::out_of_memory);
    auto md5 = driver.md5();
    if (!md5) return std::unexpected(md5.error());
    format->md5_ = std::move(*md5);
    auto pbkdf2 = driver.pbkdf2_hmac_sha1();
    if (!pbkdf2) return std::unexpected(pbkdf2.error());
    format->pbkdf2_ = std::move(*pbkdf2);
    // Each cipher is made again at its first use, because most rings need only one. But one that
    // the driver lacks must be noticed now.
    for (std::size_t i = 0; i < kCbcCiphers; ++i) {
      if (auto cbc = driver.cbc(static_cast<CbcCipher>(i)); !cbc) {
        return std::unexpected(cbc.error());
      }
    }
    return format;
  }

  Checked<Sealed> seal(const Key& key, Times, Bytes, Bytes payload,
                       MutableBytes token) noexcept override {
    const CbcCipher cipher = cipher_of(key.algorithm);
    const std::size_t block = sizes_of(cipher).block;
    const std::size_t padded_size = pkcs7::padded_size(payload.size(), block);
    if (auto salted = renew_salt(key, padded_size / block); !salted) {
      return std::unexpected(salted.error());
    }

    // The binary token is built at the end of the text's buffer, and encoded from there.
    const std::size_t size = binary_size(payload.size(), block);
    const MutableBytes text = token.first(base64::encoded_size(size));
    const MutableBytes binary = text.last(size);
    const MutableBytes iv = binary.subspan(kHeadSize, block);
    const MutableBytes body = binary.last(padded_size);

    copy(sealing_.salt, binary.subspan(kMacSize));
    if (auto taken = pool_.take(iv); !taken) return std::unexpected(taken.error());
    copy(payload, body);
    pkcs7::pad(body, payload.size());
    const auto cbc = keyed(cipher, sealing_);
    if (!cbc) return std::unexpected(cbc.error());
    if (auto encrypted = (*cbc)->encrypt_in_place(iv, body); !encrypted) {
      return std::unexpected(encrypted.error());
    }
    const auto mac = mac_of(key, binary.subspan(kMacSize));
    if (!mac) return std::unexpected(mac.error());
    copy(*mac, binary);
    return Sealed{base64::encode(binary, reinterpret_cast<char*>(text.data())), 0, {}};
  }

  Checked<Opened> open(const Key& key, const Parsed& parsed, Bytes,
                       MutableBytes buffer) noexcept override {
    // Nothing expensive is done before the MAC has proved who made the token.
    const Bytes binary = parsed.bytes;
    const auto mac = mac_of(key, binary.subspan(kMacSize));
    if (!mac) return refused(mac.error());
    if (!equal_in_constant_time(*mac, binary.first(kMacSize))) {
      return refused(Error::authentication_failed);
    }
    const CbcCipher cipher = cipher_of(key.algorithm);
    const std::size_t block = sizes_of(cipher).block;
    const Bytes blocks = binary.subspan(kHeadSize);
    // The passphrase is right, but the token is from another cipher.
    if (blocks.size() < 2 * block || blocks.size() % block != 0) {
      return refused(Error::authentication_failed);
    }

    const Bytes salt = binary.subspan(kMacSize, kSaltSize);
    const auto place = place_of(salt);
    if (!place) return refused(place.error());
    Derived& cached = **place;
    const bool hit = cached.serves(key, salt);
    if (!hit) {
      if (auto derived = derive(fresh_, key, salt); !derived) return refused(derived.error());
    }
    const auto cbc = keyed(cipher, hit ? cached : fresh_);
    if (!cbc) return refused(cbc.error());
    const MutableBytes padded = buffer.subspan(binary.size(), blocks.size() - block);
    if (auto decrypted = (*cbc)->decrypt(blocks.first(block), blocks.subspan(block), padded);
        !decrypted) {
      return refused(decrypted.error());
    }
    const std::size_t size = pkcs7::unpadded_size(padded, block);
    if (size == padded.size()) return refused(Error::authentication_failed);
    if (!hit) cached.set(fresh_);
    return Opened{padded.first(size), {}, {}};
  }

  void forget() noexcept override {
    blocks_left_ = 0;
    sealing_.forget();
    fresh_.forget();
    if (cache_) {
      for (Derived& derived : *cache_) derived.forget();
    }
    for (const std::unique_ptr<Cbc>& cbc : cbc_) {
      if (cbc) cbc->forget();
    }
    mac_key_of_ = nullptr;
    wipe(mac_key_.span());
  }

 private:
  using Cache = std::array<Derived, 1024>;

  ApacheLegacy(Driver& driver, RandomPool& pool) : driver_(driver), pool_(pool) {}

  Result<SipHash24::Mac> mac_of(const Key& key, Bytes message) noexcept {
    if (mac_key_of_ != &key) {
      mac_key_of_ = nullptr;
      if (auto hashed = md5_->digest(key.secret, mac_key_); !hashed) {
        return std::unexpected(hashed.error());
      }
      mac_key_of_ = &key;
    }
    return SipHash24::compute(mac_key_.span(), message);
  }

  Result<void> derive(Derived& derived, const Key& key, Bytes salt) noexcept {
    derived.key = nullptr;
    copy(salt, derived.salt);
    const std::size_t key_size = sizes_of(cipher_of(key.algorithm)).key;
    if (auto done =
            pbkdf2_->derive(key.secret, salt, kIterations, derived.secret.span().first(key_size));
        !done) {
      return done;
    }
    derived.key = &key;
    return {};
  }

  Result<Cbc*> keyed(CbcCipher cipher, const Derived& derived) noexcept {
    std::unique_ptr<Cbc>& cbc = cbc_[static_cast<std::size_t>(cipher)];
    if (!cbc) {
      auto made = driver_.cbc(cipher);
      if (!made) return std::unexpected(made.error());
      cbc = std::move(*made);
    }
    const auto set = cbc->set_key(derived.secret.span().first(sizes_of(cipher).key));
    if (!set) return std::unexpected(set.error());
    return cbc.get();
  }

  Result<void> renew_salt(const Key& key, std::size_t blocks) noexcept {
    if (sealing_.key != &key || blocks_left_ < blocks) {
      blocks_left_ = 0;
      Salt salt;
      if (auto taken = pool_.take(salt); !taken) return taken;
      if (auto derived = derive(sealing_, key, salt); !derived) return derived;
      const auto place = place_of(salt);
      if (!place) return std::unexpected(place.error());
      (*place)->set(sealing_);  // the tokens will come back to be opened
      blocks_left_ = std::max(kBlocksPerSalt, blocks);
    }
    blocks_left_ -= blocks;
    return {};
  }

  // Other implementations' salts may not be random in every byte, so all of them count.
  Result<Derived*> place_of(Bytes salt) noexcept {
    if (!cache_) cache_.reset(new (std::nothrow) Cache);
    if (!cache_) return std::unexpected(Error::out_of_memory);
    const std::uint64_t mixed =
        load_big_endian(salt.first<8>()) ^ std::rotl(load_big_endian(salt.last<8>()), 32);
    constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;  // spreads each bit to the higher ones
    return &(*cache_)[static_cast<std::size_t>((mixed * kOdd >> 32) % cache_->size())];
  }

  Driver& driver_;
  RandomPool& pool_;
  std::unique_ptr<Md5> md5_;
  std::unique_ptr<Pbkdf2HmacSha1> pbkdf2_;
  const Key* mac_key_of_ = nullptr;  // the passphrase that was hashed last
  SecretArray<Md5::kSize> mac_key_;
  std::array<std::unique_ptr<Cbc>, kCbcCiphers> cbc_;  // null until first use, like cache_
  Derived sealing_;
  std::size_t blocks_left_ = 0;
  Derived fresh_;  // for a salt that is not cached: only an authentic token gets a place
  std::unique_ptr<Cache> cache_;
};

}  // namespace

const FormatRow kApacheLegacy = {.name = "apache-legacy",
                                 .id = FormatId::apache_legacy,
                                 .is_text = true,
                                 .names_key = false,
                                 .recognises = recognises,
                                 .sealed_size = sealed_size,
                                 .opened_size = opened_size,
                                 .parse = parse,
                                 .make = ApacheLegacy::make};

}  // namespace sealring
