// SPDX-License-Identifier: Apache-2.0
// Tokens of Apache's mod_session_crypto.
#include "base/base64.h"
#include "token_target.h"

namespace {

using namespace sealring;

// The salt and the IV: bytes 8 to 40 of the binary token.
std::optional<std::vector<std::uint8_t>> drawn(Bytes token) {
  std::vector<std::uint8_t> binary(base64::decoded_size(token.size()));
  base64::decode(as_text(token), binary).value();
  return std::vector(binary.begin() + 8, binary.begin() + 40);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::TokenTarget target(kApacheLegacy, apache_key(), drawn);
  return target.run({data, size});
}
