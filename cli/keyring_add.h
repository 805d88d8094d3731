// SPDX-License-Identifier: Apache-2.0
// sealring keyring add, one command of the group in keyring.cc.
#pragma once

#include "command.h"

namespace sealring::cli {

void add_keyring_add_command(CLI::App& group, Command& chosen);

}  // namespace sealring::cli
