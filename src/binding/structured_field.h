// SPDX-License-Identifier: Apache-2.0
// Structured fields (RFC 9651): the values that device binding needs, read and written.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/error.h"

namespace sealring::binding {

// The String of an Item. Its parameters are checked and ignored; Dates and Display Strings, which
// RFC 8941 did not have, are not accepted in them. `room` holds value.size() bytes.
Result<std::string_view> read_string_item(std::string_view value, MutableBytes room) noexcept;

// The same, but a value that consists of base64url characters and full stops may lack the quotation
// marks, as browsers send it.
Result<std::string_view> read_sent_string(std::string_view value, MutableBytes room) noexcept;

// Appends a String. invalid_argument: the text is not printable ASCII.
Result<void> append_string(std::string_view text, std::string& value);

}  // namespace sealring::binding
