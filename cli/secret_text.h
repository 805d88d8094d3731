// SPDX-License-Identifier: Apache-2.0
// A secret that is written as text: base64 in either alphabet, padded or not, or hex.
#pragma once

#include <optional>

#include "base/secret.h"

namespace sealring::cli {

enum class Encoding { base64, hex };

std::string_view encoding_name(Encoding encoding);

// White space does not count. Nothing if the text is not of this encoding.
std::optional<SecretBytes> decode_secret(std::string_view text, Encoding encoding);

// The encoding that a text looks like, if it gives so many bytes; 0: 16 bytes or more, and
// characters of a kind that words do not mix.
std::optional<Encoding> looks_encoded(std::string_view text, std::size_t size);

}  // namespace sealring::cli
