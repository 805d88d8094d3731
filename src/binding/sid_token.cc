// SPDX-License-Identifier: Apache-2.0
#include "binding/sid_token.h"

#include <algorithm>

#include "base/secret.h"
#include "token/validity.h"

namespace sealring::binding {
namespace {

Bytes context_of(SidToken kind) {
  return as_bytes(kind == SidToken::challenge ? std::string_view("dbsc-challenge")
                                              : std::string_view("dbsc-cookie"));
}

}  // namespace

std::expected<std::string, Sealer::Refusal> seal_sid(SidToken kind, Sealer& sealer,
                                                     std::int64_t now, std::int64_t lifetime,
                                                     std::string_view sid) {
  std::string token(sealer.sealed_size(sid.size()), '\0');
  const auto sealed =
      sealer.seal(now, static_cast<std::uint64_t>(lifetime), context_of(kind), as_bytes(sid),
                  {reinterpret_cast<std::uint8_t*>(token.data()), token.size()});
  if (!sealed) return std::unexpected(sealed.error());
  if (!binds_context(sealed->format)) {
    return std::unexpected(Sealer::Refusal{
        .reason = Error::unsupported,
        .detail = "the primary key is of an old format, whose tokens are bound to no context"});
  }
  token.resize(sealed->size);
  return token;
}

Result<OpenedSid> open_sid(SidToken kind, Sealer& sealer, std::int64_t now, std::string_view sid,
                           std::string_view token, MutableBytes buffer) noexcept {
  const auto opened = sealer.authenticate(now, context_of(kind), as_bytes(token), buffer);
  if (!opened) {
    const Error reason = opened.error().reason;
    if (!is_refusal(reason)) return std::unexpected(reason);
    return OpenedSid{.reason = reason, .expires_at = 0};
  }
  if (!binds_context(opened->format)) {
    return OpenedSid{.reason = Error::unsupported, .expires_at = 0};
  }
  // Without a sid there is nothing to be bound to.
  if (sid.empty() || !equal_in_constant_time(opened->payload, as_bytes(sid))) {
    return OpenedSid{.reason = Error::authentication_failed, .expires_at = 0};
  }
  const auto valid = check_validity(opened->times, now);
  if (!valid && valid.error() != Error::expired) {
    return OpenedSid{.reason = valid.error(), .expires_at = 0};
  }
  return OpenedSid{.is_ours = true,
                   .is_valid = valid.has_value(),
                   .reason = valid ? Error{} : valid.error(),
                   .expires_at = static_cast<std::int64_t>(opened->times.expires_at)};
}

Result<std::optional<std::int64_t>> bound_cookie_end(Sealer& sealer, std::int64_t now,
                                                     std::string_view sid,
                                                     std::span<const std::string_view> tokens,
                                                     MutableBytes buffer) noexcept {
  std::optional<std::int64_t> end;
  for (const std::string_view token : tokens.first(std::min(tokens.size(), kMaxBoundCookies))) {
    const auto opened = open_sid(SidToken::bound_cookie, sealer, now, sid, token, buffer);
    if (!opened) return std::unexpected(opened.error());
    if (opened->is_ours) end = std::max(end.value_or(0), opened->expires_at);
  }
  return end;
}

}  // namespace sealring::binding
