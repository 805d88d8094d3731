// SPDX-License-Identifier: Apache-2.0
#include "base/base64url.h"

#include "base/base64_codec.h"

namespace sealring::base64url {

using Codec = Base64Codec<'-', '_'>;

std::size_t encode(Bytes bytes, char* text) noexcept {
  return Codec::encode(bytes, text);
}

std::string encode(Bytes bytes) {
  std::string text(encoded_size(bytes.size()), '\0');
  encode(bytes, text.data());
  return text;
}

Result<std::size_t> decode(std::string_view text, MutableBytes bytes) noexcept {
  return Codec::decode(text, bytes);
}

}  // namespace sealring::base64url
