// SPDX-License-Identifier: Apache-2.0
// Text or binary?
#pragma once

#include "base/secret.h"

namespace sealring::cli {

// UTF-8 without control characters.
bool is_text(std::string_view bytes);

// Of others, for a terminal: `?` in place of control characters and of what is not UTF-8.
std::string printable(std::string_view text);
// The same, but its lines stay.
std::string printable_lines(std::string_view text);

// Removes one LF or CRLF from the end if what precedes it is text: then it comes from the file or
// from echo, and is not part of the token or secret. Random bytes may end like that, but are not
// text.
void remove_line_end(SecretBytes& bytes);

}  // namespace sealring::cli
