// SPDX-License-Identifier: Apache-2.0
#include "keys/thumbprint.h"

#include "base/base64url.h"
#include "base/secret.h"

namespace sealring {

Explained<std::string> derive_kid(Driver& driver, Bytes secret) {
  // RFC 7638 section 3: the required members only, in lexicographic order, without white space.
  constexpr std::string_view kHead = R"({"k":")";
  constexpr std::string_view kTail = R"(","kty":"oct"})";
  SecretString jwk;
  jwk.reserve(kHead.size() + base64url::encoded_size(secret.size()) + kTail.size());
  jwk.append(kHead);
  jwk.resize(kHead.size() + base64url::encoded_size(secret.size()));
  base64url::encode(secret, jwk.data() + kHead.size());
  jwk.append(kTail);

  SecretArray<32> thumbprint;
  if (auto hashed = driver.hash_once(as_bytes(std::string_view(jwk)), thumbprint); !hashed) {
    return problem(hashed.error(), "SHA-256 failed in the crypto library");
  }
  return base64url::encode(thumbprint.span().first(kDerivedKidBytes));
}

}  // namespace sealring
