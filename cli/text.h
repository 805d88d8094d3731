// SPDX-License-Identifier: Apache-2.0
// Telling text from binary.
#pragma once

#include "base/secret.h"

namespace sealring::cli {

// UTF-8 without control characters.
bool is_text(std::string_view bytes);

// Removes one LF or CRLF from the end if what is before it is text: there it belongs to the file or
// to the echo, not to the token or secret. Random bytes that happen to end so are not text.
void remove_line_end(SecretBytes& bytes);

}  // namespace sealring::cli
