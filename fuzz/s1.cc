// SPDX-License-Identifier: Apache-2.0
// s1 tokens.
#include "base/base64url.h"
#include "token_target.h"

namespace {

using namespace sealring;

// The nonce: bytes 6 to 30 of the binary token.
std::optional<std::vector<std::uint8_t>> drawn(Bytes token) {
  const std::string_view text = as_text(token).substr(3);
  std::vector<std::uint8_t> binary(base64url::decoded_size(text.size()));
  base64url::decode(text, binary).value();
  return std::vector(binary.begin() + 6, binary.begin() + 30);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::TokenTarget target(kS1, xaes_key(), drawn);
  return target.run({data, size});
}
