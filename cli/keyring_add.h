// SPDX-License-Identifier: Apache-2.0
// sealring keyring add, one of the commands of the group that keyring.cc adds.
#pragma once

#include "command.h"

namespace sealring::cli {

void add_keyring_add_command(CLI::App& group, Command& chosen);

}  // namespace sealring::cli
