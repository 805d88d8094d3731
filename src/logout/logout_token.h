// SPDX-License-Identifier: Apache-2.0
// A logout token of an OpenID provider, and what it revokes (spec/backchannel-logout.md).
#pragma once

#include <string>

#include "logout/provider_keys.h"

namespace sealring::logout {

inline constexpr std::size_t kMaxTokenSize = 8192;
inline constexpr std::size_t kMaxIssuerSize = 512;
inline constexpr std::size_t kMaxJtiSize = 256;

// Between the clocks of the provider and of this machine, in seconds.
inline constexpr std::int64_t kTolerance = 60;
// A token is refused when it is older, whatever its end is.
inline constexpr std::int64_t kMaxAge = 3600;

// Who a token has to be from, and for whom.
struct Parties {
  std::string issuer;  // of at most kMaxIssuerSize bytes
  std::string client;
};

// Its texts are within the buffer.
struct LogoutToken {
  std::string_view jti;
  std::string_view sid, sub;     // one of them may be ""
  std::int64_t accepted_before;  // from then on it is refused
};

// Checks everything but whether the token was used before. `buffer` holds text.size() bytes. An
// error that is no refusal is the driver's.
Checked<LogoutToken> open_logout_token(Driver& driver, const ProviderKeys& keys,
                                       const Parties& parties, std::int64_t now,
                                       std::string_view text, MutableBytes buffer) noexcept;

// The names of the session's fields in which a site keeps the provider's `sid` and `sub`; "" if it
// does not keep it.
struct FieldNames {
  std::string sid, sub;
};

struct Revoked {
  std::string_view name, value;
};

// unsupported: the site keeps nothing by which the sessions could be found.
Checked<Revoked> revoked_by(const LogoutToken& token, const FieldNames& fields) noexcept;

// A token that was used is an entry of the list with this name and value.
inline constexpr std::string_view kUsedName = "logout-token";
std::string used_value(const Parties& parties, std::string_view jti);

}  // namespace sealring::logout
