// SPDX-License-Identifier: Apache-2.0
// JSON Web Encryption (spec/token-jwe.md), the one kind that is served here, both directions.
//
//   text      = b(header) ".." b(iv[12]) "." b(ciphertext) "." b(tag[16])      b: base64url
//   header    = {"alg":"dir","enc":"A256GCM","kid":"..."}
//   plaintext = a JWT claims set
//   AEAD      = AES-256-GCM with the ring's key; AD = b(header)
#include <array>
#include <optional>
#include <tuple>

#include "base/base64url.h"
#include "base/secret.h"
#include "formats/format.h"
#include "formats/jose_header.h"
#include "formats/jwt_claims.h"

namespace sealring {
namespace {

constexpr std::string_view kStart = "eyJ";  // b({")
constexpr std::size_t kMaxHeaderText = 1024;
constexpr std::size_t kIvText = base64url::encoded_size(AesGcm::kNonceSize);
constexpr std::size_t kTagText = base64url::encoded_size(AesGcm::kTagSize);
constexpr std::size_t kRemembered = 16;

// A header, the key that it names, and an AES-256-GCM context keyed for that. The ring does not
// change under it.
struct Header {
  char bytes[kMaxHeaderText];
  std::size_t size = 0;
  char kid_bytes[kMaxKidSize];
  std::size_t kid_size = 0;
  std::unique_ptr<AesGcm> gcm;
  const Key* key = nullptr;  // of the context; null: not keyed

  std::string_view text() const { return {bytes, size}; }
  std::string_view kid() const { return {kid_bytes, kid_size}; }

  Result<void> set_key(const Key& new_key) noexcept {
    if (key == &new_key) return {};
    key = nullptr;
    const std::span<const std::uint8_t, AesGcm::kKeySize> secret(new_key.secret);
    if (auto set = gcm->set_key(secret); !set) return set;
    key = &new_key;
    return {};
  }

  Result<void> read(std::string_view text) noexcept {
    std::uint8_t json[base64url::decoded_size(kMaxHeaderText)];
    const auto json_size = base64url::decode(text, json);
    if (!json_size) return std::unexpected(json_size.error());
    const auto named = read_jose_header(as_text(Bytes(json).first(*json_size)), kid_bytes);
    if (!named) return std::unexpected(named.error());
    std::memcpy(bytes, text.data(), text.size());
    size = text.size();
    kid_size = *named;
    return {};
  }

  void write_for(const Key& new_key) noexcept {
    char json[kMaxJoseHeaderSize];
    const std::size_t json_size = write_jose_header(new_key.kid, json);
    size = base64url::encode(as_bytes({json, json_size}), bytes);
  }
};

struct Parts {
  std::string_view header, encrypted_key, iv, ciphertext, tag;
};

std::optional<Parts> split(std::string_view text) {
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t dot = text.find('.');
    if (dot == text.npos) return std::nullopt;
    parts[i] = text.substr(0, dot);
    text.remove_prefix(dot + 1);
  }
  if (text.find('.') != text.npos) return std::nullopt;
  return Parts{parts[0], parts[1], parts[2], parts[3], text};
}

class Jwe final : public Format {
 public:
  static Result<std::unique_ptr<Format>> make(Driver& driver, RandomPool& pool) noexcept {
    std::unique_ptr<Jwe> format(new (std::nothrow) Jwe(pool));
    if (!format) return std::unexpected(Error::out_of_memory);
    const auto equip = [&driver](Header& header) -> Result<void> {
      auto gcm = driver.aes_256_gcm();
      if (!gcm) return std::unexpected(gcm.error());
      header.gcm = std::move(*gcm);
      return {};
    };
    if (auto made = equip(format->sealing_); !made) return std::unexpected(made.error());
    for (Header& header : format->opening_) {
      if (auto made = equip(header); !made) return std::unexpected(made.error());
    }
    return format;
  }

  std::size_t sealed_size(std::size_t payload_size) const noexcept override {
    return base64url::encoded_size(kMaxJoseHeaderSize) + 2 + kIvText + 1 +
           base64url::encoded_size(max_claims_size(payload_size)) + 1 + kTagText;
  }

  std::size_t opened_size(std::size_t token_size) const noexcept override {
    // And room for what is base64url again inside.
    const std::size_t binary = base64url::decoded_size(token_size);
    return binary + base64url::decoded_size(binary);
  }

  Result<std::size_t> seal(const Key& key, Times times, Bytes context, Bytes payload,
                           MutableBytes token) noexcept override {
    if (sealing_.key != &key) {
      if (auto set = sealing_.set_key(key); !set) return std::unexpected(set.error());
      sealing_.write_for(key);
    }
    std::uint8_t iv[AesGcm::kNonceSize], tag[AesGcm::kTagSize];
    if (auto taken = pool_.take(iv); !taken) return std::unexpected(taken.error());

    char* const text = reinterpret_cast<char*>(token.data());
    const std::size_t before = sealing_.size + 2 + kIvText + 1;
    // Written in front, to learn their size, and moved to the end of the place of their text, to be
    // encoded from there.
    const auto size = write_claims(times, context, payload, token.subspan(before));
    if (!size) return std::unexpected(size.error());
    const MutableBytes place = token.subspan(before, base64url::encoded_size(*size));
    const MutableBytes body = place.last(*size);
    std::memmove(body.data(), place.data(), *size);
    const auto encrypted = sealing_.gcm->encrypt_in_place(iv, as_bytes(sealing_.text()), body, tag);
    if (!encrypted) return std::unexpected(encrypted.error());

    std::memcpy(text, sealing_.bytes, sealing_.size);
    std::memcpy(text + sealing_.size, "..", 2);
    base64url::encode(iv, text + sealing_.size + 2);
    text[before - 1] = '.';
    base64url::encode(body, text + before);
    text[before + place.size()] = '.';
    return before + place.size() + 1 + base64url::encode(tag, text + before + place.size() + 1);
  }

  Result<Parsed> parse(Bytes token, MutableBytes buffer) noexcept override {
    const auto parts = split(as_text(token));
    if (!parts || parts->header.size() > kMaxHeaderText || !recognises(token)) {
      return std::unexpected(Error::malformed);
    }
    header_ = remembered(parts->header);
    if (header_ == nullptr) {
      if (auto read = fresh_->read(parts->header); !read) return std::unexpected(read.error());
      header_ = fresh_;
    }
    if (!parts->encrypted_key.empty() || parts->iv.size() != kIvText ||
        parts->tag.size() != kTagText) {
      return std::unexpected(Error::malformed);
    }
    const std::size_t body_size = base64url::decoded_size(parts->ciphertext.size());
    const MutableBytes binary = buffer.first(kHead + body_size + AesGcm::kTagSize);
    if (!base64url::decode(parts->iv, binary.first<kHead>()) ||
        !base64url::decode(parts->ciphertext, binary.subspan(kHead, body_size)) ||
        !base64url::decode(parts->tag, binary.last<AesGcm::kTagSize>())) {
      return std::unexpected(Error::malformed);
    }
    return Parsed{header_->kid(), binary, body_size};
  }

  Result<Opened> open(const Key& key, const Parsed& parsed, Bytes context,
                      MutableBytes buffer) noexcept override {
    const MutableBytes binary = buffer.first(parsed.bytes.size());
    const MutableBytes body = binary.subspan(kHead, parsed.payload_size);
    if (auto set = header_->set_key(key); !set) return std::unexpected(set.error());
    const auto decrypted = header_->gcm->decrypt_in_place(
        binary.first<kHead>(), as_bytes(header_->text()), body, binary.last<AesGcm::kTagSize>());
    if (!decrypted) return std::unexpected(decrypted.error());
    if (header_ == fresh_) remember_fresh();
    return read_claims(body, buffer.subspan(binary.size()), context);
  }

  void forget() noexcept override {
    forget(sealing_);
    for (Header& header : opening_) forget(header);
  }

  // No base64 of the old Apache format has a dot.
  static bool recognises(Bytes token) noexcept {
    const std::string_view text = as_text(token);
    return text.starts_with(kStart) && text.find('.') != text.npos;
  }

 private:
  static constexpr std::size_t kHead = AesGcm::kNonceSize;
  static constexpr std::array<std::uint8_t, AesGcm::kKeySize> kNoKey{};

  explicit Jwe(RandomPool& pool) : pool_(pool) {
    for (std::size_t i = 0; i < kRemembered; ++i) remembered_[i] = &opening_[i];
  }

  Header* remembered(std::string_view text) const noexcept {
    for (Header* header : remembered_) {
      if (header->text() == text) return header;
    }
    return nullptr;
  }

  // Only an authentic token earns its header a place, so that forged ones cannot take them all. The
  // header stays where it is in memory, for others look at its kid.
  void remember_fresh() noexcept {
    std::swap(fresh_, remembered_[next_]);
    next_ = (next_ + 1) % kRemembered;
  }

  static void forget(Header& header) noexcept {
    if (header.key != nullptr) std::ignore = header.gcm->set_key(kNoKey);
    header.key = nullptr;
  }

  RandomPool& pool_;
  Header sealing_;
  std::array<Header, kRemembered + 1> opening_;
  std::array<Header*, kRemembered> remembered_;
  std::size_t next_ = 0;                    // the place to give away next
  Header* fresh_ = &opening_[kRemembered];  // where a header that is not remembered is read
  Header* header_ = nullptr;                // of the token that was parsed last
};

}  // namespace

const FormatRow kJwe = {"jwe", FormatId::jwe, true, true, Jwe::recognises, Jwe::make};

}  // namespace sealring
