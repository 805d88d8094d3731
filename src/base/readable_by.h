// SPDX-License-Identifier: Apache-2.0
// Whether another process could read a file.
#pragma once

#include <optional>
#include <string>

#include "base/permissions.h"

namespace sealring {

// What keeps a process from reading the file, with the command that fixes it; nothing if it can.
// Checks the mode and ACL of the file and of each folder above it. `kind` is what the file is, for
// the message.
std::optional<std::string> hindrance_to_read(const std::string& path, std::string_view kind,
                                             const Process& process);

}  // namespace sealring
