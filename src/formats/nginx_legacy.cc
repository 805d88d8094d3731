// SPDX-License-Identifier: Apache-2.0
// The token of the old nginx module (spec/nginx-legacy.md), sealed and opened.
//
//   token     = MD5( plaintext ) AES-256-CBC-PKCS7( plaintext )     binary, one IV for all tokens
//   plaintext = payload expires_at[8]                               big-endian, 0: never
#include <array>
#include <tuple>

#include "base/pkcs7.h"
#include "base/secret.h"
#include "formats/format.h"

namespace sealring {
namespace {

constexpr std::size_t kBlockSize = 16;
constexpr std::size_t kTimeSize = 8;

// How many blocks of 64 bytes MD5 processes: the bytes, one bit, and their number.
constexpr std::size_t md5_blocks(std::size_t size) {
  return (size + 8) / 64 + 1;
}
constexpr std::size_t kTwoMd5Blocks = 56;  // the smallest size that needs two
static_assert(md5_blocks(0) == 1 && md5_blocks(kTwoMd5Blocks) == 2);

// The bytes look random, so anything may be a token.
bool recognises(Bytes) noexcept {
  return true;
}

std::size_t sealed_size(std::size_t payload_size) noexcept {
  return Md5::kSize + pkcs7::padded_size(payload_size + kTimeSize, kBlockSize);
}

std::size_t opened_size(std::size_t token_size) noexcept {
  return token_size;
}

Checked<Parsed> parse(Bytes token, MutableBytes) noexcept {
  if (token.size() < Md5::kSize + kBlockSize || token.size() % kBlockSize != 0) {
    return refused(Error::malformed, "no old nginx token has this number of bytes");
  }
  return Parsed{.kid = {},
                .id = {},
                .header = {},
                .bytes = token,
                .payload_size = token.size() - Md5::kSize - kTimeSize - 1};
}

class NginxLegacy final : public Format {
 public:
  static Result<std::unique_ptr<Format>> make(Driver& driver, RandomPool&) noexcept {
    auto cbc = driver.cbc(CbcCipher::aes_256);
    auto md5 = driver.md5();
    if (!cbc || !md5) return std::unexpected(Error::crypto_failure);
    std::unique_ptr<Format> format(new (std::nothrow)
                                       NginxLegacy(std::move(*cbc), std::move(*md5)));
    if (!format) return std::unexpected(Error::out_of_memory);
    return format;
  }

  Checked<Sealed> seal(const Key& key, Times times, Bytes, Bytes payload,
                       MutableBytes token) noexcept override {
    if (auto set = use(key); !set) return std::unexpected(set.error());
    const std::size_t plaintext_size = payload.size() + kTimeSize;
    const MutableBytes sealed = token.first(sealed_size(payload.size()));
    const MutableBytes body = sealed.subspan(Md5::kSize);
    copy(payload, body);
    store_big_endian(times.expires_at, body.subspan(payload.size()).first<kTimeSize>());
    if (auto hashed = md5_->digest(body.first(plaintext_size), sealed.first<Md5::kSize>());
        !hashed) {
      return std::unexpected(hashed.error());
    }
    pkcs7::pad(body, plaintext_size);
    if (auto encrypted = cbc_->encrypt_in_place(iv_, body); !encrypted) {
      return std::unexpected(encrypted.error());
    }
    return Sealed{sealed.size(), times.expires_at, {}};
  }

  Checked<Opened> open(const Key& key, const Parsed& parsed, Bytes,
                       MutableBytes buffer) noexcept override {
    if (auto set = use(key); !set) return refused(set.error());
    const Bytes digest = parsed.bytes.first(Md5::kSize);
    const Bytes ciphertext = parsed.bytes.subspan(Md5::kSize);
    const MutableBytes padded = buffer.first(ciphertext.size());
    if (auto decrypted = cbc_->decrypt(iv_, ciphertext, padded); !decrypted) {
      return refused(decrypted.error());
    }

    // With wrong padding all bytes are hashed anyway and match no digest, so wrong padding and a
    // wrong digest look the same. first() would check the size in a branch.
    const std::size_t size = pkcs7::unpadded_size(padded, kBlockSize);
    SecretArray<Md5::kSize> expected;
    if (auto hashed = md5_->digest(Bytes(padded.data(), size), expected); !hashed) {
      return refused(hashed.error());
    }
    const bool padding_is_right = size != padded.size();
    const bool digest_is_right = equal_in_constant_time(digest, expected.span());
    if (!padding_is_right || !digest_is_right || size < kTimeSize) {
      // Longer padding may have saved MD5 a block. Hashing something else makes up for it, so that
      // both cost the same.
      const std::size_t saved = md5_blocks(padded.size()) - md5_blocks(size);
      if (auto hashed = md5_->digest(Bytes(padded.data(), saved * kTwoMd5Blocks), expected);
          !hashed) {
        return refused(hashed.error());
      }
      return refused(Error::authentication_failed);
    }
    const auto expires_at = padded.subspan(size - kTimeSize).first<kTimeSize>();
    return Opened{padded.first(size - kTimeSize), {0, load_big_endian<kTimeSize>(expires_at)}, {}};
  }

  void forget() noexcept override {
    if (key_ != nullptr) cbc_->forget();
    key_ = nullptr;
    wipe(iv_);
  }

 private:
  NginxLegacy(std::unique_ptr<Cbc> cbc, std::unique_ptr<Md5> md5)
      : cbc_(std::move(cbc)), md5_(std::move(md5)) {}

  Result<void> use(const Key& key) noexcept {
    if (key_ == &key) return {};
    key_ = nullptr;
    iv_.fill(0);
    copy(as_bytes(key.iv), iv_);
    if (auto set = cbc_->set_key(key.secret); !set) return set;
    key_ = &key;
    return {};
  }

  std::unique_ptr<Cbc> cbc_;
  std::unique_ptr<Md5> md5_;
  const Key* key_ = nullptr;  // the key that cbc_ and iv_ are set to, identified by its address
  std::array<std::uint8_t, kBlockSize> iv_{};
};

}  // namespace

const FormatRow kNginxLegacy = {.name = "nginx-legacy",
                                .id = FormatId::nginx_legacy,
                                .is_text = false,
                                .names_key = false,
                                .recognises = recognises,
                                .sealed_size = sealed_size,
                                .opened_size = opened_size,
                                .parse = parse,
                                .make = NginxLegacy::make};

}  // namespace sealring
