// SPDX-License-Identifier: Apache-2.0
// What anyone can see of a token, without a key.
#pragma once

#include <string>

#include "formats/format.h"

namespace sealring {

struct Inspected {
  std::string_view format;
  std::string kid;  // empty: it names no key
  std::string id;   // empty where only opening shows it: a JWE may have a jti
  std::size_t payload_size;
};

// malformed if it is well-formed in no format that can be recognised by its looks.
Checked<Inspected> inspect(Bytes token);

}  // namespace sealring
