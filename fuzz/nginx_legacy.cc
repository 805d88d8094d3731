// SPDX-License-Identifier: Apache-2.0
// Tokens of the old nginx module.
#include "token_target.h"

namespace {

using namespace sealring;

// The key of most of spec/vectors.
Key key() {
  Key key = legacy_key();
  const Bytes secret = as_bytes("abcdefghijklmnopqrstuvwxyz123456");
  key.secret.assign(secret.begin(), secret.end());
  return key;
}

std::optional<std::vector<std::uint8_t>> drawn(Bytes) {
  return std::vector<std::uint8_t>{};  // one payload, one time, one token
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static fuzz::TokenTarget target(kNginxLegacy, key(), drawn);
  return target.run({data, size});
}
