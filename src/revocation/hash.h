// SPDX-License-Identifier: Apache-2.0
// What a revocation is found by: a hash of a field's name and value (spec/revocations.md section
// 2).
#pragma once

#include <array>
#include <string>

#include "crypto/driver.h"

namespace sealring::revocation {

inline constexpr std::size_t kMaxNameSize = 64;
inline constexpr std::size_t kMaxValueSize = 1024;
inline constexpr std::int64_t kEndOfTime = (std::int64_t{1} << 40) - 1;  // is never dropped

inline constexpr std::string_view kSid = "sid";      // a session
inline constexpr std::string_view kToken = "token";  // a token that is no session's

using Salt = std::array<std::uint8_t, 16>;
using Hash = std::array<std::uint8_t, 16>;

// ASCII letters in lower case. At most kMaxNameSize bytes are copied.
std::string_view in_lower_case(std::string_view name, std::span<char, kMaxNameSize> out) noexcept;

// invalid_argument: the name or the value is too long to be revoked.
Result<Hash> hash_of(Sha256& sha_256, const Salt& salt, std::string_view name,
                     std::string_view value) noexcept;
// For what is rare.
Result<Hash> hash_of(Driver& driver, const Salt& salt, std::string_view name,
                     std::string_view value) noexcept;

}  // namespace sealring::revocation
