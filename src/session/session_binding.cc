// SPDX-License-Identifier: Apache-2.0
// Sessions that are bound to a device (spec/device-binding.md sections 2 and 6).
#include <algorithm>

#include "binding/sid_token.h"
#include "session/session.h"

namespace sealring::session {
namespace {

constexpr std::string_view kBound = "bound";
constexpr std::string_view kPrior = "prior";

// In the order of Unbound.
constexpr const char* kUnboundDetails[] = {
    "the browser has not bound it to a device, which this server requires",
    "it came without its bound cookie",
    "its bound cookie has expired",
    "no bound cookie that came with it is its own",
};
static_assert(std::size(kUnboundDetails) == static_cast<std::size_t>(Unbound::other_cookie) + 1);

}  // namespace

std::string_view Session::sid() const noexcept {
  return has_sid() ? std::string_view(sid_.data(), sid_.size()) : std::string_view();
}

std::string_view Session::bound() const noexcept {
  return fields_.value(kBound);
}

std::string_view Session::prior() const noexcept {
  return fields_.value(kPrior);
}

Result<void> Session::bind(std::string_view key) noexcept {
  if (!is_live() || over_ || !has_sid() || !bound().empty()) {
    return std::unexpected(Error::invalid_argument);
  }
  Fields fields = fields_;
  prior_ = sid_;
  if (auto set = fields.set(kBound, key); !set) return set;
  if (auto set = fields.set(kPrior, {prior_.data(), prior_.size()}); !set) return set;
  fields_ = fields;
  sid_ = {};  // prepare() makes another
  changed_ = true;
  return {};
}

Result<void> Session::open_to_bind(const Profile& profile, Sealer& sealer, std::int64_t now,
                                   const Candidates& candidates, MutableBytes buffer) noexcept {
  return open_newest(profile, sealer, now, false, candidates, buffer);
}

// The size of the buffer in which bound cookies are opened: none without a session.
std::size_t Session::bound_size(const Sealer& sealer, const Candidates& candidates) noexcept {
  std::size_t size = 0;
  if (candidates.count() == 0) return size;
  for (const std::string_view token : candidates.bound_cookies()) {
    size = std::max(size, sealer.opened_size(token.size()));
  }
  return size;
}

// Of the session as it was opened.
void Session::note_bound() noexcept {
  if (is_live() && !bound().empty()) opened_prior_ = prior();
}

// The last check.
Result<void> Session::check_bound(const Terms& terms, Sealer& sealer, std::int64_t now, bool active,
                                  std::span<const std::string_view> cookies,
                                  MutableBytes buffer) noexcept {
  if (!is_live()) return {};
  if (bound().empty()) {
    if (!subject_.empty() && binding::is_missing(now, times_.auth_time, terms.binding)) {
      refuse_as_unbound(Unbound::not_bound);
    }
    return {};
  }
  const auto end = binding::bound_cookie_end(sealer, now, sid(), cookies, buffer);
  if (!end) {
    const NamedKid kid = kid_;
    refuse(end.error(), nullptr, kid);
    return std::unexpected(end.error());
  }
  switch (binding::standing(true, *end, now, terms.binding)) {
    case binding::Standing::refused:
      refuse_as_unbound(cookies.empty() ? Unbound::no_cookie
                        : *end          ? Unbound::expired_cookie
                                        : Unbound::other_cookie);
      break;
    case binding::Standing::grace:
      state_ = State::good;
      break;
    case binding::Standing::bound:
      // The grace of `prior` is over. Otherwise each request would look whether it is revoked.
      if (active && opened_prior_.size() == kSidSize &&
          binding::end_of_prior(now, times_.issued_at, false, terms.binding) <= now) {
        state_ = State::due;
      }
      break;
    case binding::Standing::unbound:
      break;
  }
  return {};
}

void Session::refuse_as_unbound(Unbound why) noexcept {
  unbound_ = why;
  opened_prior_ = {};
  refuse_for_now(Error::unbound, kUnboundDetails[static_cast<std::size_t>(why)]);
}

// The session loses `prior` when it is renewed or ends. When it is changed, requests with the old
// cookie may still be under way.
void Session::note_prior(const Terms& terms, std::int64_t now, Change change) noexcept {
  if (opened_prior_.size() != kSidSize || prior_revocation_) return;
  const std::int64_t end = binding::end_of_prior(now, times_.issued_at, false, terms.binding);
  const bool is_last = change != Change::none && (change != Change::changed || end <= now);
  if (is_last) fields_.remove(kPrior);
  Revocation& revocation = prior_revocation_.emplace();
  std::ranges::copy(opened_prior_, revocation.sid.begin());
  revocation.revoked_at = binding::end_of_prior(now, times_.issued_at, is_last, terms.binding);
  revocation.until = end_of_revocation(terms.ends, now);
}

}  // namespace sealring::session
