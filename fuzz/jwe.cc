// SPDX-License-Identifier: Apache-2.0
// JWE tokens.
#include "token_target.h"

namespace {

using namespace sealring;

// Backends make tokens that open and that no sealer here makes; jwt.cc asks for one spelling.
std::optional<std::vector<std::uint8_t>> drawn(Bytes) {
  return std::nullopt;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::TokenTarget target(kJwe, a256gcm_key(), drawn);
  return target.run({data, size});
}
