// SPDX-License-Identifier: Apache-2.0
// Standard streams and files, as bytes.
#pragma once

#include "base/secret.h"
#include "command.h"

namespace sealring::cli {

// Reads to the end, but at most `limit` bytes and one more, which shows that there is more. `what`
// says what to type if standard input is a terminal.
Outcome<SecretBytes> read_stdin(const std::string& what, std::size_t limit);
Outcome<SecretBytes> read_file(const std::string& path, std::size_t limit);

// Writes all to standard output, or says why not.
Outcome<void> print(std::string_view bytes);

// Writes a line to standard error, with the program's name before it.
void note(const std::string& message);

}  // namespace sealring::cli
