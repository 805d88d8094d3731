// SPDX-License-Identifier: Apache-2.0
// A key ring on its way through the store: sealed, so that whoever owns the store can neither read
// nor make one (spec/fleet.md section 8).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "token/sealer.h"

namespace sealring::agent {

inline constexpr std::size_t kMaxRingNameSize = 64;
inline constexpr std::uint64_t kMaxRingGeneration = (std::uint64_t{1} << 53) - 1;
inline constexpr std::size_t kMaxSealedRingSize = std::size_t{2} << 20;

bool is_ring_name(std::string_view name);

// What is sealed. Views into the payload.
struct RingPayload {
  std::uint64_t generation;
  std::string_view name;
  std::string_view text;
};
// Nothing if it has any other form.
std::optional<RingPayload> read_ring_payload(Bytes payload);

struct Ring {
  std::uint64_t generation;
  SecretBytes text;               // of the ring's file
  std::vector<std::string> kids;  // of its keys
};

// The kids of a ring's text, or what is wrong with it.
Explained<std::vector<std::string>> kids_of_ring(Driver& driver, std::string_view text);

// `fleet` has the fleet key. The name and the generation are within their bounds.
Explained<std::string> seal_ring(Sealer& fleet, std::int64_t now, std::string_view name,
                                 std::uint64_t generation, std::string_view text);
Explained<Ring> open_ring(Sealer& fleet, std::int64_t now, std::string_view name,
                          std::string_view sealed);

}  // namespace sealring::agent
