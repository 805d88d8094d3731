// SPDX-License-Identifier: Apache-2.0
// The kid of a key, derived from its secret: the first 6 bytes of the RFC 7638 SHA-256 thumbprint
// of the JWK {"k":"...","kty":"oct"}, in base64url.
#pragma once

#include <string>

#include "crypto/driver.h"
#include "keys/key.h"

namespace sealring {

Explained<std::string> derive_kid(Driver& driver, Bytes secret);

}  // namespace sealring
