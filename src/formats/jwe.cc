// SPDX-License-Identifier: Apache-2.0
// JSON Web Encryption (spec/token-jwe.md): the one kind that is supported, sealed and opened.
//
//   text      = b(header) ".." b(iv[12]) "." b(ciphertext) "." b(tag[16])      b: base64url
//   header    = {"alg":"dir","enc":"A256GCM","kid":"..."}
//   plaintext = a JWT claims set
//   AEAD      = AES-256-GCM with the ring's key; AD = b(header)
#include <array>

#include "base/base64url.h"
#include "formats/format.h"
#include "formats/jose_header.h"
#include "formats/jwe_text.h"
#include "formats/jwt_claims.h"
#include "formats/keyed_gcm.h"

namespace sealring {
namespace {

constexpr std::size_t kMaxHeaderText = base64url::encoded_size(kMaxJoseHeaderSize);

std::size_t sealed_size(std::size_t payload_size) noexcept {
  return kMaxHeaderText + 2 + jwe::kIvText + 1 +
         base64url::encoded_size(max_claims_size(payload_size)) + 1 + jwe::kTagText;
}

class Jwe final : public Format {
 public:
  static Result<std::unique_ptr<Format>> make(Driver& driver, RandomPool& pool) noexcept {
    std::unique_ptr<Jwe> format(new (std::nothrow) Jwe(driver, pool));
    if (!format) return std::unexpected(Error::out_of_memory);
    return format;
  }

  Checked<Sealed> seal(const Key& key, Times times, Bytes context, Bytes payload,
                       MutableBytes token) noexcept override {
    if (sealing_.key != &key) {
      if (auto set = set_key(sealing_, key); !set) return std::unexpected(set.error());
      char json[kMaxJoseHeaderSize];
      const std::size_t json_size = write_jose_header(key.kid, json);
      header_size_ = base64url::encode(as_bytes({json, json_size}), header_);
    }
    std::uint8_t iv[AesGcm::kNonceSize], tag[AesGcm::kTagSize];
    if (auto taken = pool_.take(iv); !taken) return std::unexpected(taken.error());

    char* const text = reinterpret_cast<char*>(token.data());
    const std::string_view header(header_, header_size_);
    const std::size_t before = header.size() + 2 + jwe::kIvText + 1;
    // The claims are written at the start to learn their size, then moved to the end of the buffer
    // for their text, and encoded from there.
    const auto claims = write_claims(times, context, payload, token.subspan(before));
    if (!claims) return std::unexpected(claims.error());
    const MutableBytes place = token.subspan(before, base64url::encoded_size(claims->size));
    const MutableBytes body = place.last(claims->size);
    std::memmove(body.data(), place.data(), body.size());
    const auto encrypted = sealing_.gcm->encrypt_in_place(iv, as_bytes(header), body, tag);
    if (!encrypted) return std::unexpected(encrypted.error());

    copy(as_bytes(header), token);
    copy(as_bytes(".."), token.subspan(header.size()));
    base64url::encode(iv, text + header.size() + 2);
    text[before - 1] = '.';
    base64url::encode(body, text + before);
    text[before + place.size()] = '.';
    const std::size_t tag_at = before + place.size() + 1;
    return Sealed{tag_at + base64url::encode(tag, text + tag_at), claims->expires_at,
                  as_text(token).substr(header.size() + 2, jwe::kIvText)};
  }

  Checked<Opened> open(const Key& key, const Parsed& parsed, Bytes context,
                       MutableBytes buffer) noexcept override {
    const MutableBytes binary = buffer.first(parsed.bytes.size());
    const MutableBytes body = binary.subspan(AesGcm::kNonceSize, parsed.payload_size);
    KeyedGcm* keyed = find(key);
    const bool hit = keyed != nullptr;
    if (!hit) {
      keyed = &fresh_;
      if (auto set = set_key(fresh_, key); !set) return refused(set.error());
    }
    const auto decrypted =
        keyed->gcm->decrypt_in_place(binary.first<AesGcm::kNonceSize>(), as_bytes(parsed.header),
                                     body, binary.last<AesGcm::kTagSize>());
    if (!decrypted) return refused(decrypted.error());
    // Only an authentic token gives its key a place, so that forged ones cannot occupy them all.
    if (!hit) {
      std::swap(fresh_, opening_[next_]);
      next_ = (next_ + 1) % opening_.size();
    }
    return read_claims(body, buffer.last(jwe::room_of(body.size())), context, parsed.id);
  }

  void forget() noexcept override {
    sealing_.forget();
    fresh_.forget();
    for (KeyedGcm& keyed : opening_) keyed.forget();
  }

 private:
  Jwe(Driver& driver, RandomPool& pool) : driver_(driver), pool_(pool) {}

  KeyedGcm* find(const Key& key) noexcept {
    for (KeyedGcm& keyed : opening_) {
      if (keyed.key == &key) return &keyed;
    }
    return nullptr;
  }

  Result<void> set_key(KeyedGcm& keyed, const Key& key) noexcept {
    keyed.key = nullptr;
    if (auto equipped = keyed.equip(driver_); !equipped) return equipped;
    const std::span<const std::uint8_t, AesGcm::kKeySize> secret(key.secret);
    if (auto set = keyed.gcm->set_key(secret); !set) return set;
    keyed.key = &key;
    return {};
  }

  Driver& driver_;
  RandomPool& pool_;
  KeyedGcm sealing_;
  char header_[kMaxHeaderText];  // for the key that sealing_ is set to
  std::size_t header_size_ = 0;
  KeyedGcm fresh_;  // for a key that has no place yet
  std::array<KeyedGcm, 8> opening_;
  std::size_t next_ = 0;  // the place to use next
};

}  // namespace

const FormatRow kJwe = {.name = "jwe",
                        .id = FormatId::jwe,
                        .is_text = true,
                        .names_key = true,
                        .recognises = jwe::recognises,
                        .sealed_size = sealed_size,
                        .opened_size = jwe::opened_size,
                        .parse = jwe::parse,
                        .make = Jwe::make};

}  // namespace sealring
