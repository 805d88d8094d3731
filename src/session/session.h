// SPDX-License-Identifier: Apache-2.0
// The session of one request: from the cookies that the client sent to the fields, and from the
// fields to the cookies for the response (spec/session.md).
#pragma once

#include <array>
#include <optional>

#include "base/error.h"
#include "session/fields.h"
#include "session/profile.h"
#include "token/sealer.h"

namespace sealring::session {

inline constexpr std::string_view kAuthTime = "auth_time";
inline constexpr std::size_t kSidSize = 22;             // base64url of 16 bytes
inline constexpr std::size_t kIdHashSize = 16;          // base64url of 12 bytes
inline constexpr std::int64_t kMicroseconds = 1000000;  // of mod_session's `expiry`, in a second

enum class State {
  none,          // the client sent no cookie with the name
  good,          // it opened
  due,           // it opened, and must be renewed
  idle_end,      // it reached its idle end
  absolute_end,  // it reached its absolute end
  refused,       // reason() says why
};

// Why a session is refused as unbound.
enum class Unbound {
  not_bound,       // the browser has not bound it to a device, which is required
  no_cookie,       // it came without a bound cookie
  expired_cookie,  // with an old one of its own
  other_cookie,    // with those of others
};

// What to send with the response.
enum class Change { none, renewed, changed, started, ended };

// What a server has to revoke itself (spec/revocations.md section 7).
struct Revocation {
  std::array<char, kSidSize> sid;
  std::int64_t revoked_at;
  std::int64_t until;
};

// One per request. Its functions allocate nothing and read no clock. It holds views into the
// headers, buffers and texts that it gets; they must outlive it.
class Session {
 public:
  // NOLINTNEXTLINE(modernize-use-equals-default): `Session()` would first clear all of its memory
  Session() noexcept {}

  // The size of the buffer that open() needs.
  static std::size_t open_size(const Sealer& sealer, const Candidates& candidates) noexcept;

  // Opens the session that a client sent. `active`: this request keeps the session alive. The
  // result is state(). An error is operational: something is wrong on this side, and there is no
  // session.
  Result<void> open(const Profile& profile, Sealer& sealer, std::int64_t now, bool active,
                    const Candidates& candidates, MutableBytes buffer) noexcept;

  // As open(), for the two requests by which a browser binds a session and proves that it is bound:
  // does not ask for a bound cookie.
  Result<void> open_to_bind(const Profile& profile, Sealer& sealer, std::int64_t now,
                            const Candidates& candidates, MutableBytes buffer) noexcept;

  // Opens a token that did not come in the cookies of a profile, with the bound cookies that came
  // with it. `room` holds sealer.opened_size() of the longest of them.
  Result<void> open_token(const Terms& terms, Sealer& sealer, std::int64_t now, bool active,
                          std::string_view token, MutableBytes buffer,
                          std::span<const std::string_view> bound_cookies = {},
                          MutableBytes room = {}) noexcept;

  State state() const noexcept { return state_; }
  bool is_live() const noexcept { return state_ == State::good || state_ == State::due; }
  // There is none, or it has ended or was revoked.
  bool is_over() const noexcept { return state_ == State::none || over_; }
  Error reason() const noexcept { return reason_; }        // of a refused session
  Unbound unbound() const noexcept { return unbound_; }    // if that is Error::unbound
  const char* detail() const noexcept { return detail_; }  // null: nothing to add
  std::string_view kid() const noexcept { return kid_; }   // the key that its token names
  const Sealed& times() const noexcept { return times_; }

  // The current fields, including reserved ones; none without a session.
  const Fields& fields() const noexcept { return fields_; }

  // An identifier for logs: it distinguishes sessions and opens nothing. Empty without a sid.
  Result<std::string_view> id_hash(Sealer& sealer, std::span<char, kIdHashSize> out) const noexcept;

  // Replaces the fields by those of a text, which are decoded in place. Reserved fields do not
  // change, except mod_session's own; `*ignored` says whether the text has other values for them.
  // A text without fields that an application can set ends the session. malformed: the session is
  // unchanged.
  Result<void> replace(const Terms& terms, MutableBytes text, bool* ignored) noexcept;

  // Sets one field; an empty value removes it. invalid_argument: the name is reserved, or one of
  // the two has a byte 0. malformed: there would be too many fields.
  Result<void> set(std::string_view name, std::string_view value) noexcept;

  void end() noexcept;

  // The session's ID, the device's key, and the ID that it had before it was bound; empty: none.
  std::string_view sid() const noexcept;
  std::string_view bound() const noexcept;
  std::string_view prior() const noexcept;

  // Binds the session to a device's key: prepare() then makes a new sid, and `prior` is the one
  // that it had. invalid_argument: it is not live, it has no sid, or it is bound already.
  // malformed: there would be too many fields.
  Result<void> bind(std::string_view key) noexcept;

  // Decides what to send with the response, and makes a sid if a session starts: a session with
  // another subject is a new one. One that has been revoked meanwhile has ended. Call it after all
  // changes. A session that mod_session keeps is sealed at each call, except if it has no fields of
  // its own: then the result is `none`.
  Result<Change> prepare(const Terms& terms, Sealer& sealer, std::int64_t now) noexcept;

  // After prepare(): the session that has ended, or that another one has replaced.
  const std::optional<Revocation>& revocation() const noexcept { return revocation_; }

  // After prepare(): of a bound session, the one from before it was bound. It has to be revoked at
  // `revoked_at`, which may be later than now, and not before.
  const std::optional<Revocation>& prior_revocation() const noexcept { return prior_revocation_; }

  // The size of the buffer that seal() needs.
  std::size_t seal_size(const Sealer& sealer) const noexcept;

  // Seals the session; does nothing if it has ended. invalid_argument, with detail(): it does not
  // fit into as many cookies as it may use. unsupported: the key ring's primary key makes tokens
  // that are not bound to a context.
  Result<void> seal(const Profile& profile, Sealer& sealer, std::int64_t now,
                    MutableBytes buffer) noexcept;

  // As seal(), but makes only the token, in the buffer. A session that mod_session keeps may have a
  // token of any format.
  Result<std::string_view> seal_token(const Terms& terms, Sealer& sealer, std::int64_t now,
                                      MutableBytes buffer) noexcept;

  // The number of cookies that it was sealed into; 0 before that.
  std::size_t parts() const noexcept { return writer_ ? writer_->count() : 0; }

  // What follows `Set-Cookie: ` in each header to send, including deletions.
  std::size_t cookie_count() const noexcept;  // 0 if nothing changes
  std::size_t write_cookie(const Profile& profile, std::size_t index,
                           std::span<char, kMaxCookieSize> out) const noexcept;

 private:
  Result<void> open_newest(const Profile& profile, Sealer& sealer, std::int64_t now, bool active,
                           const Candidates& candidates, MutableBytes buffer) noexcept;
  Result<void> open_one(const Terms& terms, Sealer& sealer, std::int64_t now, bool active,
                        std::string_view token, MutableBytes buffer) noexcept;
  static std::size_t bound_size(const Sealer& sealer, const Candidates& candidates) noexcept;
  Result<void> check_bound(const Terms& terms, Sealer& sealer, std::int64_t now, bool active,
                           std::span<const std::string_view> cookies, MutableBytes buffer) noexcept;
  void note_bound() noexcept;
  void refuse_as_unbound(Unbound why) noexcept;
  void note_prior(const Terms& terms, std::int64_t now, Change change) noexcept;
  Result<Change> choose_change(const Terms& terms, Sealer& sealer, std::int64_t now) noexcept;
  void refuse(Error reason, const char* detail, std::string_view kid = {}) noexcept;
  void refuse_for_now(Error reason, const char* detail) noexcept;
  void read_reserved(const Terms& terms) noexcept;
  Result<void> check_revoked(const Sealer& sealer, std::int64_t now) noexcept;
  Result<bool> is_revoked(const Sealer& sealer) const noexcept;
  void end_as_revoked() noexcept;
  void note_revocation(const Terms& terms, std::int64_t now) noexcept;
  std::int64_t end_of_revocation(const Settings& ends, std::int64_t now) const noexcept;
  Change delete_cookies() noexcept;
  bool has_sid() const noexcept { return sid_[0] != '\0'; }
  bool has_own_fields() const noexcept;
  bool is_kept_by(const Terms& terms, std::string_view name) const noexcept;
  Result<void> set_reserved(const Terms& terms, Sealer& sealer) noexcept;
  std::int64_t end_of_token(const Terms& terms, std::int64_t now) const noexcept;

  State state_ = State::none;
  Error reason_ = Error::malformed;
  Unbound unbound_ = Unbound::not_bound;
  const char* detail_ = nullptr;
  NamedKid kid_;
  Sealed times_{};
  Fields fields_;
  std::string_view subject_;  // as the client sent it
  bool has_times_ = false;    // whether its token says when it was issued
  std::array<char, kSidSize> sid_{};
  std::array<char, kSidSize> prior_;  // if bind() was called
  std::string_view opened_prior_;     // of a bound session that is live, as it was opened
  bool has_bound_cookie_ = false;     // the client sent one
  bool deletes_bound_cookie_ = false;
  std::array<char, 20> auth_time_text_;
  bool changed_ = false;
  bool may_return_ = false;             // it is refused, and may be good later
  bool over_ = false;                   // what the client sent must no longer be used
  std::optional<std::int64_t> expiry_;  // mod_session's, when the session was opened
  std::int64_t latest_end_ = 0;         // of the next token, because the list is stale; 0: none
  std::optional<Revocation> revocation_;
  std::optional<Revocation> prior_revocation_;
  std::size_t parts_sent_ = 0;    // as Candidates::parts_sent()
  std::size_t end_of_parts_ = 0;  // a deletion deletes the parts to before here
  std::optional<CookieWriter> writer_;
  std::size_t first_deleted_ = 0;   // the parts from here
  std::size_t end_of_deleted_ = 0;  // to before here are deleted
};

}  // namespace sealring::session
