// SPDX-License-Identifier: Apache-2.0
#include "formats/jwe_text.h"

#include <algorithm>
#include <array>
#include <optional>

#include "formats/jose_header.h"
#include "formats/jwt_claims.h"

namespace sealring::jwe {
namespace {

// No token that opens has a shorter header. The chance that the first 16 bytes of an old nginx
// token are all in this alphabet is 2^-32.
constexpr std::size_t kLooksSize = 16;
constexpr std::size_t kMaxHeaderText = 1024;
// The IV of A128CBC-HS256 and similar algorithms.
constexpr std::size_t kCbcIvText = base64url::encoded_size(16);

struct Parts {
  std::string_view header, encrypted_key, iv, ciphertext, tag;
};

// If the sizes of all parts but the header and the ciphertext are those of this kind of JWE. There
// may be more dots in them, which are not base64url.
inline std::optional<Parts> split_usual(std::string_view text) {
  const std::size_t header = std::min(text.find('.'), text.size());
  const std::size_t before = header + 2 + kIvText + 1, after = 1 + kTagText;
  if (text.size() < before + after || text[header + 1] != '.' || text[before - 1] != '.' ||
      text[text.size() - after] != '.') {
    return std::nullopt;
  }
  return Parts{text.substr(0, header),
               {},
               text.substr(header + 2, kIvText),
               text.substr(before, text.size() - before - after),
               text.substr(text.size() - kTagText)};
}

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

// `room` holds the decoded header.
Checked<std::string_view> read_header(std::string_view text, MutableBytes room) {
  if (const auto kid = usual_kid(text, room)) return *kid;
  if (!base64url::decode(text, room)) {
    return refused(Error::malformed, "its header is not base64url");
  }
  return read_jose_header(room);
}

// Runs before anything is decoded.
Checked<void> check_sizes(const Parts& parts) {
  if (parts.header.size() > kMaxHeaderText) {
    return refused(Error::malformed, "its header has more than 1024 characters");
  }
  if (!parts.encrypted_key.empty()) {
    return refused(Error::unsupported, "it has an encrypted key, so its alg is not dir");
  }
  if (parts.iv.size() == kCbcIvText) {
    return refused(Error::unsupported, "its IV has 16 bytes, so its enc is not A256GCM");
  }
  if (parts.iv.size() != kIvText) {
    return refused(Error::malformed, "its third part is not an IV of 12 bytes");
  }
  if (parts.tag.size() != kTagText) {
    return refused(Error::malformed, "its last part is not a tag of 16 bytes");
  }
  return {};
}

}  // namespace

bool recognises(Bytes token) noexcept {
  const std::string_view text = as_text(token);
  if (text.size() <= kLooksSize) return false;
  const std::string_view looks = text.substr(0, kLooksSize);
  std::uint8_t decoded[base64url::decoded_size(kLooksSize)];
  return base64url::decode(looks, decoded) && split(text);
}

std::size_t opened_size(std::size_t token_size) noexcept {
  const std::size_t binary = base64url::decoded_size(token_size);
  return binary + room_of(binary);
}

// For base64url within the claims, and for a jti with escapes.
std::size_t room_of(std::size_t ciphertext_size) noexcept {
  return base64url::decoded_size(ciphertext_size) + kMaxIdSize;
}

Checked<Parsed> parse(Bytes token, MutableBytes buffer) noexcept {
  auto parts = split_usual(as_text(token));
  if (!parts) parts = split(as_text(token));
  if (!parts) return refused(Error::malformed);
  if (auto sizes = check_sizes(*parts); !sizes) return std::unexpected(sizes.error());

  const std::size_t body_size = base64url::decoded_size(parts->ciphertext.size());
  const MutableBytes binary = buffer.first(AesGcm::kNonceSize + body_size + AesGcm::kTagSize);
  const MutableBytes header =
      buffer.subspan(binary.size(), base64url::decoded_size(parts->header.size()));
  const auto kid = read_header(parts->header, header);
  if (!kid) return std::unexpected(kid.error());

  if (!base64url::decode(parts->iv, binary.first<AesGcm::kNonceSize>()) ||
      !base64url::decode(parts->ciphertext, binary.subspan(AesGcm::kNonceSize, body_size)) ||
      !base64url::decode(parts->tag, binary.last<AesGcm::kTagSize>())) {
    return refused(Error::malformed, "one of its parts is not base64url");
  }
  return Parsed{.kid = *kid,
                .id = parts->iv,
                .header = parts->header,
                .bytes = binary,
                .payload_size = body_size};
}

}  // namespace sealring::jwe
