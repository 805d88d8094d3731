// SPDX-License-Identifier: Apache-2.0
// What a server tells a browser: the offer of a registration, challenges, and the instructions of a
// session (spec/device-binding.md sections 4 and 8).
#pragma once

#include <string>

#include "base/error.h"

namespace sealring::binding {

inline constexpr std::string_view kRegisterPath = "register";
inline constexpr std::string_view kRefreshPath = "refresh";

struct Scope {
  std::string_view prefix;      // of the two URLs' paths; begins and ends with "/"
  std::string_view cookie;      // the name of the session's cookie
  std::string_view attributes;  // of the session's cookie: "Path=/; Secure"
  std::string_view domain;      // of the session's cookie; empty: none
};

// The values of header fields. invalid_argument: a text is not printable ASCII.
Result<std::string> registration_field(const Scope& scope, std::string_view challenge);
Result<std::string> challenge_field(std::string_view challenge, std::string_view sid);

// The JSON text of a session's instructions. invalid_argument: a text is not UTF-8, or has control
// characters.
Result<std::string> instructions(const Scope& scope, std::string_view sid);

}  // namespace sealring::binding
