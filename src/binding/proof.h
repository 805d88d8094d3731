// SPDX-License-Identifier: Apache-2.0
// A proof: a JWS by which a browser shows that it has the device's key (spec/device-binding.md
// section 5).
#pragma once

#include "jws/public_key.h"

namespace sealring::binding {

inline constexpr std::size_t kMaxProofSize = 4096;

// What a proof is for.
enum class Purpose { registration, refresh };

// Its views are of the proof's text and of the buffer.
struct Proof {
  jws::Algorithm algorithm;
  std::string_view jwk;        // the JSON text of the key; empty in a refresh
  std::string_view challenge;  // not checked
  Bytes signed_text;
  Bytes signature;  // of a size that the algorithm allows
};

// Reads a proof; its signature is not verified. `buffer` holds text.size() bytes.
Checked<Proof> read_proof(Purpose purpose, std::string_view text, MutableBytes buffer) noexcept;

}  // namespace sealring::binding
