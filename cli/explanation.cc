// SPDX-License-Identifier: Apache-2.0
#include "explanation.h"

#include <algorithm>

#include "clock.h"
#include "duration.h"
#include "refusal.h"
#include "token/inspect.h"
#include "token/validity.h"

namespace sealring::cli {
namespace {

constexpr const char* kFormat = "format";
constexpr const char* kKey = "key";
constexpr const char* kAuthentic = "authentic";
constexpr const char* kTimes = "times";
constexpr const char* kFields = "fields";
constexpr const char* kEnds = "session ends";
constexpr const char* kRevoked = "not revoked";
constexpr const char* kDevice = "device";

std::string_view name_of(FormatId format) {
  return (*std::ranges::find(formats(), format, &FormatRow::id))->name;
}

std::string quoted(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

// Contexts that a token is often sealed for, and opened without.
std::string context_of(const Opener& opener, Bytes token, MutableBytes buffer) {
  for (const std::string_view other : {"", "__Host-session", "session"}) {
    if (as_bytes(other).size() == opener.terms.context.size() &&
        std::ranges::equal(as_bytes(other), opener.terms.context)) {
      continue;
    }
    if (opener.sealer.authenticate(opener.now, as_bytes(other), token, buffer)) {
      return "It opens in the context " + quoted(other) +
             ": compare the two servers' contexts "
             "(session_context, session_cookie, encrypted_session_context, SessionCryptoContext).";
    }
  }
  return "Is it the token of this site, with all of its characters? If so, compare the contexts "
         "(session_context, encrypted_session_context, SessionCryptoContext), and for an old "
         "format the key.";
}

std::string advice_for(Error reason, const Opener& opener) {
  switch (reason) {
    case Error::malformed:
      return "Compare its length with that of the token that the server sent: a proxy or a form "
             "may "
             "have cut it off or encoded it once more.";
    case Error::unsupported:
      return "Seal new tokens; or add the key of this format to the key ring, only to open: "
             "sealring keyring add --help";
    default:
      return "If another server sealed it, copy that server's key ring here" +
             (opener.keyring.empty() ? std::string() : " (" + opener.keyring + ")") +
             ". If the key was removed from all servers, the token cannot be opened any more.";
  }
}

// Of a refusal before anything was decrypted, or because nothing fits.
void explain_refusal(const Opener& opener, const Sealer::Refusal& refusal, Bytes token,
                     MutableBytes buffer, Explanation& explanation) {
  const std::string meaning = explain(refusal, opener.ring, opener.now);
  if (refusal.reason == Error::malformed || refusal.reason == Error::unsupported) {
    explanation.fail(kFormat, refusal.reason, meaning, advice_for(refusal.reason, opener));
    return;
  }
  const auto seen = inspect(token);
  explanation.pass(kFormat, seen ? std::string(seen->format)
                                 : "an old format: it looks like none of the new ones");
  if (refusal.reason == Error::unknown_key) {
    explanation.fail(kKey, refusal.reason, meaning, advice_for(refusal.reason, opener));
    return;
  }
  explanation.pass(kKey, seen && !seen->kid.empty() ? seen->kid + " is in the key ring"
                                                    : "the keys of this format were tried");
  explanation.fail(kAuthentic, refusal.reason, meaning, context_of(opener, token, buffer));
}

std::string times_of(const Times& times, std::int64_t now) {
  std::string text = times.issued_at == 0 ? "it does not say when it was issued"
                                          : "issued " + utc_time_and_distance(times.issued_at, now);
  return text + (times.expires_at == 0
                     ? "; never expires"
                     : "; expires " + utc_time_and_distance(times.expires_at, now));
}

// Of a session, which end it met is said later.
bool check_times(const Opener& opener, const Sealer::Opened& opened, Explanation& explanation) {
  const auto valid = check_validity(opened.times, opener.now);
  if (valid || (opener.of_session && valid.error() == Error::expired)) {
    explanation.pass(kTimes, times_of(opened.times, opener.now));
    return true;
  }
  Sealer::Refusal refusal{.reason = valid.error()};
  refusal.times = opened.times;
  explanation.fail(kTimes, valid.error(), explain(refusal, opener.ring, opener.now),
                   valid.error() == Error::expired
                       ? "This is how tokens end. If it came too early, look at the lifetime that "
                         "it was sealed with."
                       : "Set the clocks of all servers, by NTP.");
  return false;
}

std::string revoked_advice(const Opener& opener, const char* detail) {
  if (detail != nullptr) return "Start the agent that keeps the list: man sealring-agent";
  return "A logout or an operator revoked it: sign in anew. See: sealring revocations " +
         opener.revocations;
}

constexpr const char* kNoList = "no revocation list was given (--revocations)";
constexpr const char* kNotListed = "it is not listed";

// The names of its fields; their values are nobody's business here.
std::string names_of(const session::Session& session) {
  std::string names;
  for (const session::Field& field : session.fields().all()) {
    names.append(names.empty() ? "" : ", ").append(field.name);
  }
  return names;
}

std::string session_times(const session::Sealed& times, std::int64_t now) {
  return "signed in " + utc_time_and_distance(static_cast<std::uint64_t>(times.auth_time), now);
}

std::string unbound_advice(const session::Session& session) {
  if (session.unbound() == session::Unbound::other_cookie) {
    return "It is of another session, or this key ring lacks the key that sealed it: compare the "
           "key ring with that of the server that sealed it.";
  }
  const std::string first = session.unbound() == session::Unbound::no_cookie
                                ? "Is the header whole? The bound cookie's name ends in -bound. "
                                : "";
  return first +
         "The browser could not refresh that cookie, or this is a copy of the session: the error "
         "log has \"session_binding: refresh\". After a refresh the session is good again.";
}

// Of a session that only lacks its bound cookie. Its fields are gone.
void explain_unbound(const Opener& opener, const session::Session& session,
                     Explanation& explanation) {
  explanation.pass(kFields, "those of a session that is bound to a device");
  explanation.pass(kEnds, session_times(session.times(), opener.now));
  explanation.pass(kRevoked, opener.sealer.revoked() == nullptr ? kNoList : kNotListed);
  explanation.fail(kDevice, session.reason(), session.detail(), unbound_advice(session));
}

// The same call as a server's, so that what it decides is what a server would.
Result<void> check_session(const Opener& opener, Bytes token, MutableBytes buffer,
                           Explanation& explanation) {
  using session::State;
  std::size_t longest = 0;
  for (const std::string_view cookie : opener.bound_cookies) {
    longest = std::max(longest, opener.sealer.opened_size(cookie.size()));
  }
  SecretBytes room(longest);
  session::Session session;
  const auto opened = session.open_token(opener.terms, opener.sealer, opener.now, true,
                                         as_text(token), buffer, opener.bound_cookies, room);
  if (!opened) return opened;
  const State state = session.state();
  if (state == State::refused && session.reason() == Error::unbound) {
    explain_unbound(opener, session, explanation);
    return {};
  }
  if (state == State::refused && session.reason() != Error::revoked) {
    const std::string why = session.detail() != nullptr ? session.detail() : "";
    explanation.fail(kFields, session.reason(), "this is no session's token: " + why,
                     "Was it sealed by set_encrypt_session, or for another application?");
    return {};
  }
  if (state == State::idle_end || state == State::absolute_end) {
    const bool idle = state == State::idle_end;
    explanation.fail(kEnds, Error::expired,
                     std::string(idle ? "it met its idle end: " : "it met its absolute end: ") +
                         session_times(session.times(), opener.now),
                     idle ? "No request renewed it for longer than session_idle. Is renewal kept "
                            "off by session_activity, by caches, or by a stale revocation list?"
                          : "It was signed in for session_lifetime: sign in anew.");
    return {};
  }
  if (state == State::refused) {
    explanation.fail(kRevoked, Error::revoked, "the session is on the revocation list",
                     revoked_advice(opener, session.detail()));
    return {};
  }
  explanation.pass(kFields, names_of(session));
  explanation.pass(kEnds, session_times(session.times(), opener.now) +
                              (state == State::due ? "; due to be renewed" : ""));
  explanation.pass(kRevoked, opener.sealer.revoked() == nullptr ? kNoList : kNotListed);
  if (!session.bound().empty()) explanation.pass(kDevice, "its bound cookie came with it");
  return {};
}

}  // namespace

Result<Explanation> explain_token(const Opener& opener, Bytes token) {
  Explanation explanation;
  SecretBytes buffer(opener.sealer.opened_size(token.size()));
  const auto opened = opener.sealer.authenticate(opener.now, opener.terms.context, token, buffer);
  if (!opened) {
    if (!is_refusal(opened.error().reason)) return std::unexpected(opened.error().reason);
    explain_refusal(opener, opened.error(), token, buffer, explanation);
    return explanation;
  }
  explanation.pass(kFormat, std::string(name_of(opened->format)));
  explanation.pass(kKey, opened->kid.empty() ? "the key of this old format"
                                             : std::string(opened->kid) + " is in the key ring");
  explanation.pass(kAuthentic, binds_context(opened->format)
                                   ? "sealed with this key, for the context " +
                                         quoted(as_text(opener.terms.context))
                                   : "as far as an old format can tell; it is bound to no context");
  explanation.issued_at = static_cast<std::int64_t>(opened->times.issued_at);
  if (!check_times(opener, *opened, explanation)) return explanation;
  if (opener.of_session) {
    if (auto checked = check_session(opener, token, buffer, explanation); !checked) {
      return std::unexpected(checked.error());
    }
    return explanation;
  }
  const auto whole = opener.sealer.open(opener.now, opener.terms.context, token, buffer);
  if (whole) {
    explanation.pass(kRevoked, opener.sealer.revoked() == nullptr ? kNoList : kNotListed);
  } else if (whole.error().reason == Error::revoked) {
    explanation.fail(kRevoked, Error::revoked, explain(whole.error(), opener.ring, opener.now),
                     revoked_advice(opener, whole.error().detail));
  } else {
    return std::unexpected(whole.error().reason);
  }
  return explanation;
}

}  // namespace sealring::cli
