// SPDX-License-Identifier: Apache-2.0
// The s1 token (spec/token-s1.md), sealed and opened.
//
//   text      = "s1." base64url( kid[6] nonce[24] ciphertext tag[16] )
//   plaintext = issued_at[5] expires_at[5] payload           times big-endian
//   AEAD      = XAES-256-GCM
//   AD        = "sealring.s1" 0x00 kid[6] context
#include <array>
#include <tuple>

#include "base/base64url.h"
#include "base/secret.h"
#include "crypto/xaes.h"
#include "formats/format.h"
#include "formats/keyed_gcm.h"

namespace sealring {
namespace {

constexpr std::string_view kPrefix = "s1.";
constexpr std::size_t kKidSize = kDerivedKidBytes;
constexpr std::size_t kKidTextSize = kDerivedKidSize;
constexpr std::size_t kTimeSize = 5;
constexpr std::size_t kHeadSize = kKidSize + xaes::kNonceSize;
constexpr std::size_t kOverhead = kHeadSize + 2 * kTimeSize + AesGcm::kTagSize;
constexpr std::uint64_t kLatest = kLatestTime;

// The chance that two random 96-bit nonces of one derived key are equal grows with the square of
// this number; spec/token-s1.md has the calculation.
constexpr std::uint32_t kSealsPerPrefix = 1U << 12;

using Prefix = std::array<std::uint8_t, xaes::kPrefixSize>;

std::size_t text_size(std::size_t binary_size) {
  return kPrefix.size() + base64url::encoded_size(binary_size);
}

// The nonce, as it is in the text: the 6 bytes before it are 8 characters.
std::string_view id_of(std::string_view token) {
  return token.substr(kPrefix.size() + kKidTextSize, base64url::encoded_size(xaes::kNonceSize));
}

class AssociatedData {
 public:
  AssociatedData(Bytes kid, Bytes context) : size_(kLabel.size() + kKidSize + context.size()) {
    copy(as_bytes(kLabel), MutableBytes(bytes_));
    copy(kid, MutableBytes(bytes_).subspan(kLabel.size()));
    copy(context, MutableBytes(bytes_).subspan(kLabel.size() + kKidSize));
  }
  operator Bytes() const { return {bytes_, size_}; }

 private:
  static constexpr std::string_view kLabel{"sealring.s1\0", 12};
  std::uint8_t bytes_[kLabel.size() + kKidSize + kMaxContextSize];
  std::size_t size_;
};

bool recognises(Bytes token) noexcept {
  return token.size() >= kPrefix.size() && as_text(token.first(kPrefix.size())) == kPrefix;
}

std::size_t sealed_size(std::size_t payload_size) noexcept {
  return text_size(kOverhead + payload_size);
}

std::size_t opened_size(std::size_t token_size) noexcept {
  return token_size < kPrefix.size() ? 0 : base64url::decoded_size(token_size - kPrefix.size());
}

Checked<Parsed> parse(Bytes token, MutableBytes buffer) noexcept {
  if (!recognises(token)) return refused(Error::malformed);
  if (token.size() < text_size(kOverhead)) {
    return refused(Error::malformed, "it has fewer characters than the shortest s1 token");
  }
  const std::string_view text = as_text(token.subspan(kPrefix.size()));
  const auto size = base64url::decode(text, buffer);
  if (!size) return refused(size.error(), "what follows \"s1.\" is not base64url");
  return Parsed{.kid = text.substr(0, kKidTextSize),
                .id = id_of(as_text(token)),
                .header = {},
                .bytes = buffer.first(*size),
                .payload_size = *size - kOverhead};
}

// For one XAES prefix of one key.
struct Keyed : KeyedGcm {
  Prefix prefix{};

  bool serves(const Key& wanted, Bytes wanted_prefix) const noexcept {
    return key == &wanted && std::memcmp(prefix.data(), wanted_prefix.data(), prefix.size()) == 0;
  }
};

class S1 final : public Format {
 public:
  static Result<std::unique_ptr<Format>> make(Driver& driver, RandomPool& pool) noexcept {
    auto aes = driver.aes_256();
    if (!aes) return std::unexpected(aes.error());
    std::unique_ptr<S1> format(new (std::nothrow) S1(driver, pool, std::move(*aes)));
    if (!format) return std::unexpected(Error::out_of_memory);
    return format;
  }

  Checked<Sealed> seal(const Key& key, Times times, Bytes context, Bytes payload,
                       MutableBytes token) noexcept override {
    if (sealing_.key != &key || seals_left_ == 0) {
      Prefix prefix;
      if (auto taken = pool_.take(prefix); !taken) return std::unexpected(taken.error());
      if (auto set = derive(sealing_, key, prefix); !set) return std::unexpected(set.error());
      if (!base64url::decode(key.kid, sealing_kid_)) return std::unexpected(Error::crypto_failure);
      seals_left_ = kSealsPerPrefix;
    }
    --seals_left_;

    // The binary token is built at the end of the text's buffer, and encoded from there.
    const std::size_t binary_size = kOverhead + payload.size();
    const MutableBytes text = token.first(text_size(binary_size));
    const MutableBytes binary = text.last(binary_size);
    const auto kid = binary.first<kKidSize>();
    const auto nonce = binary.subspan<kKidSize, xaes::kNonceSize>();
    const MutableBytes body = binary.subspan(kHeadSize, 2 * kTimeSize + payload.size());
    const std::uint64_t expires_at = std::min(times.expires_at, kLatest);

    copy(sealing_kid_, kid);
    copy(sealing_.prefix, nonce.first<xaes::kPrefixSize>());
    if (auto taken = pool_.take(nonce.last<AesGcm::kNonceSize>()); !taken) {
      return std::unexpected(taken.error());
    }
    store_big_endian(std::min(times.issued_at, kLatest), body.first<kTimeSize>());
    store_big_endian(expires_at, body.subspan<kTimeSize, kTimeSize>());
    copy(payload, body.subspan(2 * kTimeSize));
    const auto encrypted = sealing_.gcm->encrypt_in_place(nonce.last<AesGcm::kNonceSize>(),
                                                          AssociatedData(kid, context), body,
                                                          binary.last<AesGcm::kTagSize>());
    if (!encrypted) return std::unexpected(encrypted.error());

    copy(as_bytes(kPrefix), text);
    base64url::encode(binary, reinterpret_cast<char*>(text.data()) + kPrefix.size());
    return Sealed{text.size(), expires_at, id_of(as_text(text))};
  }

  Checked<Opened> open(const Key& key, const Parsed& parsed, Bytes context,
                       MutableBytes buffer) noexcept override {
    const MutableBytes binary = buffer.first(parsed.bytes.size());
    const auto kid = binary.first<kKidSize>();
    const auto nonce = binary.subspan<kKidSize, xaes::kNonceSize>();
    const MutableBytes body =
        binary.subspan(kHeadSize, binary.size() - kHeadSize - AesGcm::kTagSize);
    const auto prefix = nonce.first<xaes::kPrefixSize>();

    // Prefixes are random, so one byte chooses a place as well as a hash of all bytes would.
    Keyed& cached = opening_[prefix.front() % opening_.size()];
    const bool hit = cached.serves(key, prefix);
    if (!hit) {
      if (auto set = derive(fresh_, key, prefix); !set) return refused(set.error());
    }
    const auto decrypted =
        (hit ? cached : fresh_)
            .gcm->decrypt_in_place(nonce.last<AesGcm::kNonceSize>(), AssociatedData(kid, context),
                                   body, binary.last<AesGcm::kTagSize>());
    if (!decrypted) return refused(decrypted.error());
    // Only an authentic token gives its prefix a place, so that forged ones cannot empty the cache.
    if (!hit) std::swap(cached, fresh_);

    const auto issued_at = body.first<kTimeSize>();
    const auto expires_at = body.subspan<kTimeSize, kTimeSize>();
    return Opened{body.subspan(2 * kTimeSize),
                  {load_big_endian<kTimeSize>(issued_at), load_big_endian<kTimeSize>(expires_at)},
                  parsed.id};
  }

  void forget() noexcept override {
    seals_left_ = 0;
    sealing_.forget();
    fresh_.forget();
    for (Keyed& keyed : opening_) keyed.forget();
    derives_for_ = nullptr;
    std::ignore = derivation_.set_key(kNoKey);
  }

 private:
  S1(Driver& driver, RandomPool& pool, std::unique_ptr<AesBlock> aes)
      : driver_(driver), pool_(pool), derivation_(std::move(aes)) {}

  Result<void> derive(Keyed& keyed, const Key& key, Bytes prefix) noexcept {
    keyed.key = nullptr;
    if (auto equipped = keyed.equip(driver_); !equipped) return equipped;
    if (derives_for_ != &key) {
      derives_for_ = nullptr;
      const std::span<const std::uint8_t, xaes::kKeySize> secret(key.secret);
      if (auto set = derivation_.set_key(secret); !set) return set;
      derives_for_ = &key;
    }
    copy(prefix, keyed.prefix);
    if (auto derived = derivation_.derive(keyed.prefix, *keyed.gcm); !derived) return derived;
    keyed.key = &key;
    return {};
  }

  Driver& driver_;
  RandomPool& pool_;
  xaes::Derivation derivation_;
  const Key* derives_for_ = nullptr;
  Keyed sealing_;
  std::array<std::uint8_t, kKidSize> sealing_kid_{};
  std::uint32_t seals_left_ = 0;
  Keyed fresh_;  // for a prefix that is not cached
  std::array<Keyed, 64> opening_;
};

}  // namespace

const FormatRow kS1 = {.name = "s1",
                       .id = FormatId::s1,
                       .is_text = true,
                       .names_key = true,
                       .recognises = recognises,
                       .sealed_size = sealed_size,
                       .opened_size = opened_size,
                       .parse = parse,
                       .make = S1::make};

}  // namespace sealring
