// SPDX-License-Identifier: Apache-2.0
// Shows a key ring: which key seals now, which one seals next, until when each opens.
#pragma once

#include "keys/jwk_set.h"
#include "keys/keyring.h"

namespace sealring::cli {

// A table in local time and, if that differs, in UTC. Below it: what the operator should do, if
// anything, and which keys of the file are for other programs.
std::string keyring_table(const Keyring& ring, std::span<const ForeignJwk> foreign,
                          const std::string& path, std::int64_t now);

std::string keyring_json(const Keyring& ring, std::span<const ForeignJwk> foreign,
                         std::int64_t now);

}  // namespace sealring::cli
