// SPDX-License-Identifier: Apache-2.0
#include "logout/logout_request.h"

#include <algorithm>
#include <optional>

namespace sealring::logout {

Checked<std::string_view> token_in_form(std::string_view body) noexcept {
  constexpr std::string_view kStart = "logout_token=";
  if (body.size() > kMaxRequestSize) return refused(Error::malformed, "the request is too long");
  std::optional<std::string_view> token;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('&'), body.size());
    const std::string_view pair = body.substr(0, end);
    body.remove_prefix(std::min(end + 1, body.size()));
    if (!pair.starts_with(kStart)) continue;
    if (token) return refused(Error::malformed, "the request has two parameters logout_token");
    token = pair.substr(kStart.size());
  }
  if (!token) return refused(Error::malformed, "the request has no parameter logout_token");
  return *token;
}

}  // namespace sealring::logout
