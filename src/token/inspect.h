// SPDX-License-Identifier: Apache-2.0
// What anyone can read in a token without a key.
#pragma once

#include <string>

#include "formats/format.h"

namespace sealring {

struct Inspected {
  std::string_view format;
  std::string kid;  // empty: it names no key
  std::string id;   // empty if only opening shows it: a JWE may have a jti
  std::size_t payload_size;
};

// malformed if no format that can be recognised accepts it.
Checked<Inspected> inspect(Bytes input);

}  // namespace sealring
