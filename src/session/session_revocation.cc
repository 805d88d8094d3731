// SPDX-License-Identifier: Apache-2.0
// Sessions that were revoked, and that have to be (spec/revocations.md sections 4 and 7).
#include <algorithm>

#include "session/session.h"

namespace sealring::session {

// After all checks but that of its device.
Result<void> Session::check_revoked(const Sealer& sealer, std::int64_t now) noexcept {
  if (sealer.is_too_stale(now)) {
    refuse_for_now(Error::revoked, Sealer::kTooStale);
    return {};
  }
  const auto revoked = is_revoked(sealer);
  if (!revoked) {
    const NamedKid kid = kid_;
    refuse(revoked.error(), nullptr, kid);
    return std::unexpected(revoked.error());
  }
  if (*revoked) end_as_revoked();
  return {};
}

Result<bool> Session::is_revoked(const Sealer& sealer) const noexcept {
  const auto* const list = sealer.revoked();
  if (list == nullptr) return false;
  // A token of an old format need not say when its session began: it may have been long ago.
  const bool says_when = has_times_ || !fields_.value(kAuthTime).empty();
  const auto began = static_cast<std::uint64_t>(says_when ? times_.auth_time : 0);
  return list->has_any([&](std::string_view name) -> std::optional<revocation::Sought> {
    const std::string_view value = fields_.value(name);
    if (value.empty() && !name.empty()) return std::nullopt;
    // All that has this sid is this session, whatever the clock was when it began.
    return revocation::Sought{value, name == revocation::kSid ? 0 : began};
  });
}

// Not for good: the cookie stays. So do its sid and times, for logs and for a logout.
void Session::refuse_for_now(Error reason, const char* detail) noexcept {
  state_ = State::refused;
  reason_ = reason;
  detail_ = detail;
  may_return_ = true;
  fields_.clear();
}

// Its sid and times stay, for logs.
void Session::end_as_revoked() noexcept {
  state_ = State::refused;
  reason_ = Error::revoked;
  over_ = true;
  fields_.clear();
}

// mod_session does not say what its idle timeout is; a token says how long it was to last.
void Session::note_revocation(const Terms& terms, std::int64_t now) noexcept {
  // mod_session asks at each request, and does not say whether it ends the session.
  const bool may_be_good = is_live() || (may_return_ && !terms.of_mod_session);
  if (!may_be_good || !has_sid() || revocation_) return;
  Settings ends = terms.ends;
  if (terms.of_mod_session) {
    const std::int64_t end = std::max(times_.expires_at, expiry_.value_or(0) / kMicroseconds);
    ends.idle = has_times_ && end != 0 ? std::max<std::int64_t>(end - times_.issued_at, 1) : 0;
  }
  revocation_ = {sid_, now, end_of_revocation(ends, now)};
}

// When no session with this sid can be good any more.
std::int64_t Session::end_of_revocation(const Settings& ends, std::int64_t now) const noexcept {
  return std::min(matters_until(now, times_, ends), revocation::kEndOfTime);
}

}  // namespace sealring::session
