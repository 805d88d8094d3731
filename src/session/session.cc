// SPDX-License-Identifier: Apache-2.0
#include "session/session.h"

#include <algorithm>
#include <charconv>

#include "base/base64url.h"
#include "base/secret.h"
#include "token/validity.h"

namespace sealring::session {
namespace {

constexpr std::string_view kSid = revocation::kSid;
constexpr std::string_view kExpiry = "expiry";

constexpr std::size_t kSidBytes = 16;
// A token that mod_session would let end later than this does not expire.
constexpr std::int64_t kLongestLifetime = std::int64_t{100} * 365 * 86400;

static_assert(base64url::encoded_size(kSidBytes) == kSidSize);
static_assert(base64url::encoded_size(12) == kIdHashSize);

// Only digits, and no number that exceeds an int64_t.
std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || text.front() == '-') {
    return std::nullopt;
  }
  return number;
}

std::int64_t as_time(std::uint64_t time) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(time, INT64_MAX));
}

// The earlier of two ends, where 0 means no end.
std::int64_t earlier(std::int64_t a, std::int64_t b) {
  return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

}  // namespace

std::size_t Session::open_size(const Sealer& sealer, const Candidates& candidates) noexcept {
  std::size_t size = 0;
  for (std::size_t i = 0; i < candidates.count(); ++i) {
    size = std::max(size, candidates.token_size(i));
  }
  return size + sealer.opened_size(size) + bound_size(sealer, candidates);
}

Result<void> Session::open(const Profile& profile, Sealer& sealer, std::int64_t now, bool active,
                           const Candidates& candidates, MutableBytes buffer) noexcept {
  const MutableBytes room = buffer.last(bound_size(sealer, candidates));
  const MutableBytes rest = buffer.first(buffer.size() - room.size());
  if (auto opened = open_newest(profile, sealer, now, active, candidates, rest); !opened) {
    return opened;
  }
  return check_bound(profile.terms(), sealer, now, active, candidates.bound_cookies(), room);
}

Result<void> Session::open_token(const Terms& terms, Sealer& sealer, std::int64_t now, bool active,
                                 std::string_view token, MutableBytes buffer,
                                 std::span<const std::string_view> bound_cookies,
                                 MutableBytes room) noexcept {
  if (auto opened = open_one(terms, sealer, now, active, token, buffer); !opened) return opened;
  note_bound();
  return check_bound(terms, sealer, now, active, bound_cookies, room);
}

// The newest token counts. Most requests have one candidate. If there are more, the one that counts
// is opened a second time, because all of them are opened in the same buffer.
Result<void> Session::open_newest(const Profile& profile, Sealer& sealer, std::int64_t now,
                                  bool active, const Candidates& candidates,
                                  MutableBytes buffer) noexcept {
  has_bound_cookie_ = !candidates.bound_cookies().empty();
  parts_sent_ = candidates.parts_sent();
  end_of_parts_ = parts_sent_ != 0 ? profile.parts() : 0;
  const auto try_one = [&](std::size_t index) -> Result<void> {
    const MutableBytes joined = buffer.first(candidates.token_size(index));
    const auto token = candidates.token(index, joined);
    if (!token) {
      refuse(token.error(), "a part of it is missing, or it has more parts than sessions may use");
      return {};
    }
    return open_one(profile.terms(), sealer, now, active, *token, buffer.subspan(joined.size()));
  };

  std::size_t best = 0;
  std::optional<std::int64_t> newest;
  for (std::size_t i = 0; i < candidates.count(); ++i) {
    if (auto tried = try_one(i); !tried) return tried;
    if (is_live() && (!newest || times_.issued_at > *newest)) {
      best = i;
      newest = times_.issued_at;
    }
  }
  if (candidates.count() > 1) {
    if (auto again = try_one(best); !again) return again;
  }
  note_bound();
  return {};
}

Result<void> Session::open_one(const Terms& terms, Sealer& sealer, std::int64_t now, bool active,
                               std::string_view token, MutableBytes buffer) noexcept {
  const auto opened = sealer.authenticate(now, terms.context, as_bytes(token), buffer);
  if (!opened) {
    const auto& why = opened.error();
    refuse(why.reason, why.detail, why.kid);
    return is_refusal(why.reason) ? Result<void>() : std::unexpected(why.reason);
  }
  const bool has_times = binds_context(opened->format);
  if (!has_times && !terms.of_mod_session) {
    refuse(Error::unsupported, "tokens of the old formats are bound to no context", opened->kid);
    return {};
  }
  if (const auto valid = check_validity(opened->times, now);
      !valid && valid.error() != Error::expired) {
    refuse(valid.error(), nullptr, opened->kid);
    return {};
  }
  const auto begin = static_cast<std::size_t>(opened->payload.data() - buffer.data());
  if (!fields_.parse(buffer.subspan(begin, opened->payload.size()))) {
    refuse(Error::malformed, "its token does not contain a text of fields", opened->kid);
    return {};
  }
  // Of a candidate before this one.
  detail_ = nullptr;
  may_return_ = false;
  kid_ = NamedKid(opened->kid);
  has_times_ = has_times;
  times_.issued_at = has_times ? as_time(opened->times.issued_at) : now;
  times_.expires_at = as_time(opened->times.expires_at);
  read_reserved(terms);
  subject_ = fields_.value(terms.subject);

  over_ = false;
  switch (decide(now, times_, terms.ends, active)) {
    case Decision::good:
      state_ = State::good;
      return check_revoked(sealer, now);
    case Decision::renew:
      state_ = State::due;
      return check_revoked(sealer, now);
    case Decision::idle_end:
      state_ = State::idle_end;
      break;
    case Decision::absolute_end:
      state_ = State::absolute_end;
      break;
  }
  over_ = true;
  reason_ = Error::expired;
  fields_.clear();
  return {};
}

void Session::refuse(Error reason, const char* detail, std::string_view kid) noexcept {
  state_ = State::refused;
  over_ = may_return_ = false;
  reason_ = reason;
  detail_ = detail;
  kid_ = NamedKid(kid);
  times_ = Sealed{};
  sid_ = {};
  expiry_.reset();
  fields_.clear();
}

// A reserved field that is not in the form in which this code writes it is ignored.
void Session::read_reserved(const Terms& terms) noexcept {
  sid_ = {};
  std::array<std::uint8_t, kSidBytes> bytes;
  const std::string_view sid = fields_.value(kSid);
  if (sid.size() == kSidSize && base64url::decode(sid, bytes)) {
    std::ranges::copy(sid, sid_.begin());
  } else {
    fields_.remove(kSid);
  }
  const auto auth_time = number_of(fields_.value(kAuthTime));
  times_.auth_time = auth_time.value_or(times_.issued_at);
  if (!auth_time) fields_.remove(kAuthTime);
  expiry_ = number_of(fields_.value(kExpiry));
  if (expiry_ && !terms.of_mod_session) {
    times_.expires_at = earlier(times_.expires_at, *expiry_ / kMicroseconds);
  }
  // mod_session then uses the token's end.
  if (!expiry_ && times_.expires_at <= INT64_MAX / kMicroseconds) {
    expiry_ = times_.expires_at * kMicroseconds;
  }
}

Result<std::string_view> Session::id_hash(Sealer& sealer,
                                          std::span<char, kIdHashSize> out) const noexcept {
  if (!has_sid()) return std::string_view();
  std::array<std::uint8_t, 32> digest;
  const auto sid = std::string_view(sid_.data(), sid_.size());
  if (auto hashed = sealer.sha_256(as_bytes(sid), digest); !hashed) {
    return std::unexpected(hashed.error());
  }
  base64url::encode(Bytes(digest).first(12), out.data());
  return std::string_view(out.data(), out.size());
}

Change Session::delete_cookies() noexcept {
  end_of_deleted_ = end_of_parts_;
  deletes_bound_cookie_ = has_bound_cookie_ && end_of_parts_ != 0;
  return end_of_parts_ != 0 ? Change::ended : Change::none;
}

Result<Change> Session::prepare(const Terms& terms, Sealer& sealer, std::int64_t now) noexcept {
  const auto change = choose_change(terms, sealer, now);
  if (change) note_prior(terms, now, *change);
  return change;
}

Result<Change> Session::choose_change(const Terms& terms, Sealer& sealer,
                                      std::int64_t now) noexcept {
  if (changed_ || terms.of_mod_session ? !has_own_fields() : over_) {
    note_revocation(terms, now);
    return delete_cookies();
  }
  if (!changed_ && state_ != State::due && !terms.of_mod_session) return Change::none;
  const bool same = is_live() && !over_ && fields_.value(terms.subject) == subject_;
  latest_end_ = 0;
  if (same) {
    const auto revoked = is_revoked(sealer);
    if (!revoked) return std::unexpected(revoked.error());
    if (*revoked) {
      end_as_revoked();
      return delete_cookies();
    }
    if (sealer.revoked() != nullptr && sealer.revoked()->file().is_stale(now)) {
      if (!changed_ && !terms.of_mod_session) return Change::none;
      latest_end_ =
          times_.expires_at != 0 ? times_.expires_at : expiry_.value_or(0) / kMicroseconds;
    }
  } else {
    note_revocation(terms, now);
    for (const std::string_view name : reserved_names()) {
      if (!is_kept_by(terms, name)) fields_.remove(name);
    }
    sid_ = {};
    times_.auth_time = now;
  }
  if (auto set = set_reserved(terms, sealer); !set) return std::unexpected(set.error());
  if (!same) return Change::started;
  return changed_ ? Change::changed : Change::renewed;
}

// Whether a new session keeps this reserved field: only mod_session's `expiry`, and only if
// mod_session has set it since the previous session was opened.
bool Session::is_kept_by(const Terms& terms, std::string_view name) const noexcept {
  return terms.of_mod_session && name == kExpiry && number_of(fields_.value(kExpiry)) != expiry_;
}

// The end is in the token, so `expiry` is omitted unless mod_session keeps the session.
Result<void> Session::set_reserved(const Terms& terms, Sealer& sealer) noexcept {
  if (!has_sid()) {
    std::array<std::uint8_t, kSidBytes> bytes;
    if (auto drawn = sealer.random(bytes); !drawn) return drawn;
    base64url::encode(bytes, sid_.data());
  }
  char* const text = auth_time_text_.data();
  const char* const end = std::to_chars(text, text + auth_time_text_.size(), times_.auth_time).ptr;
  if (!terms.of_mod_session) fields_.remove(kExpiry);
  const Field fields[] = {{kSid, {sid_.data(), sid_.size()}},
                          {kAuthTime, {text, static_cast<std::size_t>(end - text)}}};
  for (const Field& field : fields) {
    if (auto set = fields_.set(field.name, field.value); !set) return set;
  }
  return {};
}

std::size_t Session::seal_size(const Sealer& sealer) const noexcept {
  const std::size_t size = fields_.text_size();
  return size + sealer.sealed_size(size);
}

// 0: never. If the end has passed since the session was opened, it is in one second: a token
// without an end would be wrong.
std::int64_t Session::end_of_token(const Terms& terms, std::int64_t now) const noexcept {
  std::int64_t end = session::expires_at(now, times_.auth_time, terms.ends);
  if (terms.of_mod_session) {
    const std::int64_t expiry = number_of(fields_.value(kExpiry)).value_or(0);
    end = earlier(end, expiry == 0 ? 0 : (expiry - 1) / kMicroseconds + 1);
    if (end - now > kLongestLifetime) end = 0;
  }
  end = earlier(end, latest_end_);
  return end == 0 ? 0 : std::max(end, now + 1);
}

Result<std::string_view> Session::seal_token(const Terms& terms, Sealer& sealer, std::int64_t now,
                                             MutableBytes buffer) noexcept {
  const std::size_t size = fields_.text_size();
  if (size > kMaxTextSize) {
    detail_ = "the text of its fields has more than 65536 bytes";
    return std::unexpected(Error::invalid_argument);
  }
  if (buffer.size() < size) return std::unexpected(Error::buffer_too_small);
  const MutableBytes text = buffer.first(size), token = buffer.subspan(size);
  fields_.write(reinterpret_cast<char*>(text.data()));
  const std::int64_t end = end_of_token(terms, now);
  const std::uint64_t lifetime = end == 0 ? 0 : static_cast<std::uint64_t>(end - now);
  const auto sealed = sealer.seal(now, lifetime, terms.context, text, token);
  wipe(text);
  if (!sealed) {
    detail_ = sealed.error().detail;
    return std::unexpected(sealed.error().reason);
  }
  if (!binds_context(sealed->format) && !terms.of_mod_session) {
    detail_ = "the primary key is of an old format, whose tokens are bound to no context";
    wipe(token);
    return std::unexpected(Error::unsupported);
  }
  times_.issued_at = now;
  times_.expires_at = end;
  kid_ = NamedKid(sealed->kid);
  return as_text(token.first(sealed->size));
}

Result<void> Session::seal(const Profile& profile, Sealer& sealer, std::int64_t now,
                           MutableBytes buffer) noexcept {
  const auto token = seal_token(profile.terms(), sealer, now, buffer);
  if (!token) return std::unexpected(token.error());
  const std::int64_t max_age = times_.expires_at == 0 ? 0 : times_.expires_at - now;
  const auto writer = CookieWriter::make(profile.cookie(), *token, max_age);
  if (!writer) {
    detail_ = "its fields need more cookies than it may use";
    return std::unexpected(Error::invalid_argument);
  }
  writer_ = *writer;
  first_deleted_ = writer->count();
  end_of_deleted_ = std::max(first_deleted_, std::min(parts_sent_, end_of_parts_));
  return {};
}

std::size_t Session::cookie_count() const noexcept {
  return parts() + end_of_deleted_ - first_deleted_ + (deletes_bound_cookie_ ? 1 : 0);
}

std::size_t Session::write_cookie(const Profile& profile, std::size_t index,
                                  std::span<char, kMaxCookieSize> out) const noexcept {
  if (writer_) {
    if (index < writer_->count()) return writer_->write(index, out);
    index -= writer_->count();
  }
  const std::size_t part = first_deleted_ + index;
  return part < end_of_deleted_ ? CookieWriter::write_deletion(profile.cookie(), part, out)
                                : CookieWriter::write_bound_deletion(profile.cookie(), out);
}

}  // namespace sealring::session
