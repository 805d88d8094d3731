// SPDX-License-Identifier: Apache-2.0
// What the original nginx module does for a token, and the way it does it: to compare with.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sealring::bench {

// Room for a token of `payload_size` bytes.
constexpr std::size_t legacy_token_size(std::size_t payload_size) {
  return payload_size + 16 + 8 + 16;
}

// Both return the size of what they wrote, 0 on failure. `key` has 32 bytes, `iv` 16.
std::size_t legacy_seal(const std::uint8_t* key, const std::uint8_t* iv, std::uint64_t expires_at,
                        const std::uint8_t* payload, std::size_t payload_size, std::uint8_t* token);
std::size_t legacy_open(const std::uint8_t* key, const std::uint8_t* iv, std::uint64_t now,
                        const std::uint8_t* token, std::size_t token_size, std::uint8_t* payload);

}  // namespace sealring::bench
