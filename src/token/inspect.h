// SPDX-License-Identifier: Apache-2.0
// What anyone can see of a token, without a key.
#pragma once

#include <string>

#include "formats/format.h"

namespace sealring {

struct Inspected {
  std::string_view format;
  std::string kid;
  std::size_t payload_size;
};

// malformed if it is well-formed in no format that can be told by its looks.
Result<Inspected> inspect(Driver& driver, Bytes token);

}  // namespace sealring
