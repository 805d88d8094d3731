// SPDX-License-Identifier: Apache-2.0
// The C ABI: sessions.
#include <charconv>

#include "capi/guard.h"
#include "capi/session_handles.h"
#include "session/cookie_header.h"
#include "session/session_counting.h"

using namespace sealring;
using namespace sealring::capi;
using namespace sealring::session;

static_assert(SEALRING_COOKIE_SIZE == kMaxCookieSize);
static_assert(SEALRING_SESSION_MAX_PARTS == kMaxParts);
static_assert(SEALRING_SESSION_MAX_FIELDS == kMaxFields);
static_assert(SEALRING_SESSION_MAX_TEXT == kMaxTextSize);
static_assert(SEALRING_SESSION_ID_HASH_SIZE == kIdHashSize + 1);
static_assert(SEALRING_SESSION_NONE == static_cast<int>(State::none));
static_assert(SEALRING_SESSION_GOOD == static_cast<int>(State::good));
static_assert(SEALRING_SESSION_DUE == static_cast<int>(State::due));
static_assert(SEALRING_SESSION_IDLE_END == static_cast<int>(State::idle_end));
static_assert(SEALRING_SESSION_ABSOLUTE_END == static_cast<int>(State::absolute_end));
static_assert(SEALRING_SESSION_REFUSED == static_cast<int>(State::refused));
static_assert(SEALRING_CHANGE_NONE == static_cast<int>(Change::none));
static_assert(SEALRING_CHANGE_RENEWED == static_cast<int>(Change::renewed));
static_assert(SEALRING_CHANGE_CHANGED == static_cast<int>(Change::changed));
static_assert(SEALRING_CHANGE_STARTED == static_cast<int>(Change::started));
static_assert(SEALRING_CHANGE_ENDED == static_cast<int>(Change::ended));

static_assert(alignof(sealring_session) <= alignof(std::max_align_t));
static_assert(std::is_trivially_destructible_v<sealring_session>);

namespace {

sealring_status status_of_result(const Result<void>& result) {
  return result ? SEALRING_OK : status_of(result.error());
}

// "31m", as an operator would say it.
std::string_view duration(std::int64_t seconds, std::array<char, 24>& out) {
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  const auto [unit, letter] = seconds < 2 * kMinute ? std::pair(std::int64_t{1}, 's')
                              : seconds < 2 * kHour ? std::pair(kMinute, 'm')
                              : seconds < 2 * kDay  ? std::pair(kHour, 'h')
                                                    : std::pair(kDay, 'd');
  char* end = std::to_chars(out.data(), out.data() + out.size() - 1, seconds / unit).ptr;
  *end++ = letter;
  return {out.data(), end};
}

}  // namespace

sealring_status sealring_session_profile_new(const sealring_session_options* options,
                                             sealring_session_profile** profile,
                                             sealring_error* error) {
  if (profile != nullptr) *profile = nullptr;
  const auto make = [&]() -> Explained<void> {
    const auto given = read_structure(options);
    if (!given) return invalid_argument("the size of the sealring_session_options is not set");
    ProfileOptions chosen;
    const auto choose = [](const char* text, std::string_view& option) {
      if (text != nullptr) option = text;
    };
    choose(given->cookie, chosen.cookie);
    choose(given->path, chosen.path);
    choose(given->domain, chosen.domain);
    choose(given->same_site, chosen.same_site);
    choose(given->context, chosen.context);
    choose(given->subject, chosen.subject);
    chosen.secure = given->insecure == 0;
    chosen.partitioned = given->partitioned != 0;
    if (given->parts != 0) chosen.parts = given->parts;
    chosen.ends = {given->idle, given->lifetime, given->renew};
    auto made = Profile::make(chosen);
    if (!made) return std::unexpected(made.error());
    *profile = new sealring_session_profile{std::move(*made)};
    return {};
  };
  return guarded(error, {{options, "options"}, {profile, "profile"}}, make);
}

void sealring_session_profile_free(sealring_session_profile* profile) {
  delete profile;
}

size_t sealring_session_size(void) {
  return sizeof(sealring_session);
}

sealring_session* sealring_session_init(void* memory, const sealring_session_profile* profile) {
  if (memory == nullptr || profile == nullptr) return nullptr;
  const Profile& made = profile->profile;
  return new (memory)
      sealring_session{&made, made.terms(), Candidates(made.name(), made.parts()), {}};
}

sealring_session* sealring_session_init_mod_session(void* memory,
                                                    const sealring_session_terms* terms) {
  const auto given = read_structure(terms);
  if (memory == nullptr || !given || given->lifetime < 0) return nullptr;
  const std::string_view subject = given->subject != nullptr ? given->subject : kDefaultSubject;
  if (subject.empty() || is_reserved(subject)) return nullptr;
  const std::string_view context = given->context != nullptr ? given->context : "";
  const Settings ends{.lifetime = given->lifetime};
  return new (memory)
      sealring_session{nullptr, {as_bytes(context), subject, ends, true}, Candidates({}, 0), {}};
}

size_t sealring_session_read_cookies(sealring_session* session, const char* header, size_t size,
                                     char* rest) {
  if (session == nullptr || session->profile == nullptr || (header == nullptr && size != 0) ||
      (rest == nullptr && size != 0)) {
    return 0;
  }
  return session->candidates.read(view(header, size), rest);
}

size_t sealring_session_open_size(const sealring_session* session, const sealring_sealer* sealer) {
  if (session == nullptr || sealer == nullptr || session->candidates.count() == 0) return 0;
  return Session::open_size(*sealer->sealer, session->candidates);
}

sealring_status sealring_session_open(sealring_session* session, sealring_sealer* sealer,
                                      int64_t now, int active, void* buffer, size_t capacity) {
  if (session == nullptr || session->profile == nullptr || sealer == nullptr ||
      (buffer == nullptr && capacity != 0)) {
    return SEALRING_INVALID_ARGUMENT;
  }
  if (capacity < sealring_session_open_size(session, sealer)) return SEALRING_BUFFER_TOO_SMALL;
  const auto opened = session->session.open(*session->profile, *sealer->sealer, now, active != 0,
                                            session->candidates, writable(buffer, capacity));
  count_opened(*sealer->sealer, session->session, opened);
  return status_of_result(opened);
}

sealring_status sealring_session_open_token(sealring_session* session, sealring_sealer* sealer,
                                            int64_t now, const char* token, size_t size,
                                            void* buffer, size_t capacity) {
  if (session == nullptr || session->profile != nullptr || sealer == nullptr || token == nullptr ||
      (buffer == nullptr && capacity != 0)) {
    return SEALRING_INVALID_ARGUMENT;
  }
  const auto opened = session->session.open_token(session->terms, *sealer->sealer, now, true,
                                                  view(token, size), writable(buffer, capacity));
  count_opened(*sealer->sealer, session->session, opened);
  return status_of_result(opened);
}

sealring_status sealring_session_describe(const sealring_session* session,
                                          sealring_session_info* info) {
  if (!has_size(info)) return SEALRING_INVALID_ARGUMENT;
  sealring_session_info made{};
  if (session != nullptr) {
    const Session& found = session->session;
    made.state = static_cast<std::int32_t>(found.state());
    const bool refused = found.state() >= State::idle_end;
    made.reason = refused ? status_of(found.reason()) : SEALRING_OK;
    made.auth_time = found.times().auth_time;
    made.issued_at = found.times().issued_at;
    made.expires_at = found.times().expires_at;
    made.parts = found.parts();
    made.detail = found.detail();
    copy_text(found.kid(), made.kid);
    made.over = found.is_over() ? 1 : 0;
  }
  write_structure(made, info);
  return session != nullptr ? SEALRING_OK : SEALRING_INVALID_ARGUMENT;
}

sealring_status sealring_session_id_hash(const sealring_session* session, sealring_sealer* sealer,
                                         char hash[SEALRING_SESSION_ID_HASH_SIZE]) {
  if (hash == nullptr) return SEALRING_INVALID_ARGUMENT;
  *hash = '\0';
  if (session == nullptr || sealer == nullptr) return SEALRING_INVALID_ARGUMENT;
  std::array<char, kIdHashSize> made;
  const auto hashed = session->session.id_hash(*sealer->sealer, made);
  if (!hashed) return status_of(hashed.error());
  copy_text(*hashed, {hash, SEALRING_SESSION_ID_HASH_SIZE});
  return SEALRING_OK;
}

void sealring_session_end_text(const sealring_session_info* info, int64_t now,
                               char text[SEALRING_SESSION_END_SIZE]) {
  if (text == nullptr) return;
  *text = '\0';
  if (!has_size(info)) return;
  std::array<char, 24> number;
  std::array<std::string_view, 3> parts;
  if (info->state == SEALRING_SESSION_IDLE_END) {
    parts = {"idle ", duration(now - info->issued_at, number), ""};
  } else if (info->state == SEALRING_SESSION_ABSOLUTE_END) {
    parts = {"signed in ", duration(now - info->auth_time, number), " ago"};
  }
  for (const std::string_view part : parts) text = std::ranges::copy(part, text).out;
  *text = '\0';
}

int sealring_session_field_at(const sealring_session* session, size_t index,
                              sealring_session_field* field) {
  if (session == nullptr || !has_size(field)) return 0;
  const auto fields = session->session.fields().all();
  if (index >= fields.size()) return 0;
  sealring_session_field made{};
  made.name = text_of(fields[index].name);
  made.value = text_of(fields[index].value);
  write_structure(made, field);
  return 1;
}

size_t sealring_session_text_size(const sealring_session* session) {
  return session != nullptr ? session->session.fields().text_size() : 0;
}

size_t sealring_session_text(const sealring_session* session, char* text) {
  return session != nullptr && text != nullptr ? session->session.fields().write(text) : 0;
}

sealring_status sealring_session_replace(sealring_session* session, char* text, size_t size,
                                         int* ignored) {
  if (ignored != nullptr) *ignored = 0;
  if (session == nullptr || (text == nullptr && size != 0)) return SEALRING_INVALID_ARGUMENT;
  bool has_ignored = false;
  const auto replaced =
      session->session.replace(session->terms, writable(text, size), &has_ignored);
  if (ignored != nullptr) *ignored = has_ignored;
  return status_of_result(replaced);
}

sealring_status sealring_session_set(sealring_session* session, const char* name, size_t name_size,
                                     const char* value, size_t value_size) {
  if (session == nullptr || name == nullptr || (value == nullptr && value_size != 0)) {
    return SEALRING_INVALID_ARGUMENT;
  }
  return status_of_result(session->session.set(view(name, name_size), view(value, value_size)));
}

void sealring_session_end(sealring_session* session) {
  if (session != nullptr) session->session.end();
}

int sealring_session_is_reserved(const char* name, size_t size) {
  return name != nullptr && is_reserved(view(name, size));
}

sealring_status sealring_session_prepare(sealring_session* session, sealring_sealer* sealer,
                                         int64_t now, int32_t* change) {
  if (change != nullptr) *change = SEALRING_CHANGE_NONE;
  if (session == nullptr || sealer == nullptr || change == nullptr) {
    return SEALRING_INVALID_ARGUMENT;
  }
  const auto prepared = session->session.prepare(session->terms, *sealer->sealer, now);
  if (!prepared) return status_of(prepared.error());
  count_change(*sealer->sealer, session->session, *prepared);
  *change = static_cast<std::int32_t>(*prepared);
  return SEALRING_OK;
}

size_t sealring_session_seal_size(const sealring_session* session, const sealring_sealer* sealer) {
  if (session == nullptr || sealer == nullptr) return 0;
  return session->session.seal_size(*sealer->sealer);
}

sealring_status sealring_session_seal(sealring_session* session, sealring_sealer* sealer,
                                      int64_t now, void* buffer, size_t capacity) {
  if (session == nullptr || session->profile == nullptr || sealer == nullptr || buffer == nullptr) {
    return SEALRING_INVALID_ARGUMENT;
  }
  const auto sealed =
      session->session.seal(*session->profile, *sealer->sealer, now, writable(buffer, capacity));
  if (sealed) count_parts(*sealer->sealer, session->session);
  return status_of_result(sealed);
}

sealring_status sealring_session_seal_token(sealring_session* session, sealring_sealer* sealer,
                                            int64_t now, void* buffer, size_t capacity,
                                            sealring_text* token) {
  if (token != nullptr) *token = {};
  if (session == nullptr || session->profile != nullptr || sealer == nullptr || buffer == nullptr ||
      token == nullptr) {
    return SEALRING_INVALID_ARGUMENT;
  }
  const auto sealed =
      session->session.seal_token(session->terms, *sealer->sealer, now, writable(buffer, capacity));
  if (!sealed) return status_of(sealed.error());
  *token = text_of(*sealed);
  return SEALRING_OK;
}

size_t sealring_session_cookie_count(const sealring_session* session) {
  return session != nullptr ? session->session.cookie_count() : 0;
}

size_t sealring_session_cookie(const sealring_session* session, size_t index,
                               char cookie[SEALRING_COOKIE_SIZE]) {
  if (session == nullptr || session->profile == nullptr || cookie == nullptr ||
      index >= session->session.cookie_count()) {
    return 0;
  }
  return session->session.write_cookie(*session->profile, index,
                                       std::span<char, kMaxCookieSize>(cookie, kMaxCookieSize));
}

int sealring_session_owns_cookie(const sealring_session_profile* profile, const char* set_cookie,
                                 size_t size) {
  if (profile == nullptr || (set_cookie == nullptr && size != 0)) return 0;
  const std::string_view line = view(set_cookie, size);
  const auto first = CookieReader(line.substr(0, line.find(';'))).next();
  return first && is_cookie_of(profile->profile.name(), first->name);
}
