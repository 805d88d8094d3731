// SPDX-License-Identifier: Apache-2.0
#include "revocation/hash.h"

#include <algorithm>

namespace sealring::revocation {

std::string_view in_lower_case(std::string_view name, std::span<char, kMaxNameSize> out) noexcept {
  const std::string_view copied = name.substr(0, out.size());
  std::ranges::transform(copied, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return {out.data(), copied.size()};
}

Result<Hash> hash_of(Sha256& sha_256, const Salt& salt, std::string_view name,
                     std::string_view value) noexcept {
  if (name.size() > kMaxNameSize || value.size() > kMaxValueSize) {
    return std::unexpected(Error::invalid_argument);
  }
  std::array<char, kMaxNameSize> lower;
  const std::uint8_t size = static_cast<std::uint8_t>(name.size());
  std::array<std::uint8_t, 16 + 1 + kMaxNameSize + kMaxValueSize> message;
  std::size_t filled = 0;
  for (const Bytes part :
       {Bytes(salt), Bytes(&size, 1), as_bytes(in_lower_case(name, lower)), as_bytes(value)}) {
    copy(part, MutableBytes(message).subspan(filled));
    filled += part.size();
  }
  std::array<std::uint8_t, Sha256::kSize> digest;
  if (auto done = sha_256.digest(Bytes(message).first(filled), digest); !done) {
    return std::unexpected(done.error());
  }
  Hash hash;
  copy(Bytes(digest).first(hash.size()), hash);
  return hash;
}

Result<Hash> hash_of(Driver& driver, const Salt& salt, std::string_view name,
                     std::string_view value) noexcept {
  const auto sha_256 = driver.sha_256();
  if (!sha_256) return std::unexpected(sha_256.error());
  return hash_of(**sha_256, salt, name, value);
}

}  // namespace sealring::revocation
