// SPDX-License-Identifier: Apache-2.0
// Why a token is refused, in a line for the operator.
#pragma once

#include "token/sealer.h"

namespace sealring::cli {

std::string explain(const Sealer::Refusal& refusal, const Keyring& ring, std::int64_t now);

// The same without a key ring, for what has no known format. `detail` may be null.
std::string explain_malformed(const char* detail);

}  // namespace sealring::cli
