// SPDX-License-Identifier: Apache-2.0
// A cookie that is sealed on its way to a client (spec/upstream-cookies.md sections 2, 3 and 5).
#pragma once

#include "cookies/request.h"
#include "cookies/set_cookie.h"

namespace sealring::cookies {

enum class Fate {
  passed,    // it is not chosen, or has no name
  reported,  // it is passed, and would have been sealed
  deletion,
  sealed,
  too_large,  // it cannot be sealed
};

// What follows `Set-Cookie: ` in place of one line: views of the line and the buffer.
struct Replacement {
  Fate fate;
  std::string_view name;
  std::array<std::string_view, 2> lines;
  std::size_t count = 0;
};

struct SealFailure {
  Error reason;
  const char* detail;  // a fixed phrase; null: nothing to add
};

// The sizes of the buffers that replace() and renew() need.
std::size_t replacement_size(const Sealer& sealer, std::size_t line_size,
                             std::size_t path_size) noexcept;
std::size_t renewal_size(const Sealer& sealer, const OpenedCookie& cookie) noexcept;

// Seals the cookie of a Set-Cookie line, if it is chosen. `request_path`: for a cookie without a
// Path. `request`: null if there were no cookies.
std::expected<Replacement, SealFailure> replace(const Policy& policy, Sealer& sealer,
                                                std::int64_t now, std::string_view line,
                                                std::string_view request_path,
                                                const Request* request,
                                                MutableBytes buffer) noexcept;

// Seals a cookie that is due again. No lines: it cannot be set without the application.
std::expected<Replacement, SealFailure> renew(const Policy& policy, Sealer& sealer,
                                              std::int64_t now, const OpenedCookie& cookie,
                                              MutableBytes buffer) noexcept;

}  // namespace sealring::cookies
