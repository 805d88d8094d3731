// SPDX-License-Identifier: Apache-2.0
// The keys with which an OpenID provider signs: its JWK Set (spec/backchannel-logout.md section 3).
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "base/followed_file.h"
#include "base/json.h"
#include "jws/public_key.h"

namespace sealring::logout {

inline constexpr std::size_t kMaxKeySetSize = 1 << 18;
inline constexpr std::size_t kMaxProviderKeys = 64;

class ProviderKeys {
 public:
  // A problem names the key ("key 2: ...") but not the file.
  static Explained<ProviderKeys> parse(std::string_view jwk_set);

  // The only key for this algorithm that has this kid, or that there is if the token names none;
  // null if there is none, or more than one.
  const jws::PublicKey* find(jws::Algorithm algorithm,
                             const std::optional<json::Value>& kid) const noexcept;

  std::size_t size() const noexcept { return keys_.size(); }

 private:
  struct Named {
    std::optional<std::string> kid;
    jws::PublicKey key;
  };
  std::vector<Named> keys_;
};

// Follows the file. Others than its owner must not be able to write it: whoever can, can sign users
// out.
using ProviderKeysFile = FollowedFile<ProviderKeys>;
Explained<std::unique_ptr<ProviderKeysFile>> follow_provider_keys(const std::string& path);

}  // namespace sealring::logout
