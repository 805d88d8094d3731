// SPDX-License-Identifier: Apache-2.0
// The public key of a device, in the session's field `bound` (spec/device-binding.md section 2).
#pragma once

#include <optional>
#include <string>

#include "jws/public_key.h"

namespace sealring::binding {

// Nothing if the field has another form.
std::optional<jws::PublicKey> key_in_field(std::string_view value) noexcept;

std::string field_of(const jws::PublicKey& key);

}  // namespace sealring::binding
