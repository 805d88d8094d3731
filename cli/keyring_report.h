// SPDX-License-Identifier: Apache-2.0
// A key ring as it is shown: who seals now, who next, until when each opens.
#pragma once

#include "keys/jwk_set.h"
#include "keys/keyring.h"

namespace sealring::cli {

// A table, in UTC and, where it is another, the time zone of this machine; and below it what the
// operator should do, if anything, and which keys of the file are for other programs.
std::string keyring_table(const Keyring& ring, std::span<const ForeignJwk> foreign,
                          const std::string& path, std::int64_t now);

std::string keyring_json(const Keyring& ring, std::span<const ForeignJwk> foreign,
                         std::int64_t now);

}  // namespace sealring::cli
