// SPDX-License-Identifier: Apache-2.0
#include "base/base64.h"

#include "base/base64_codec.h"

namespace sealring::base64 {

using Codec = Base64Codec<'+', '/'>;

std::size_t encode(Bytes bytes, char* text) noexcept {
  const std::size_t size = encoded_size(bytes.size());
  const std::size_t unpadded = Codec::encode(bytes, text);
  std::memset(text + unpadded, '=', size - unpadded);
  return size;
}

Result<std::size_t> decode(std::string_view text, MutableBytes bytes) noexcept {
  if (text.size() % 4 != 0) return std::unexpected(Error::malformed);
  // Any padding that is left after two characters is not in the alphabet, so it is refused.
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return Codec::decode(text, bytes);
}

}  // namespace sealring::base64
