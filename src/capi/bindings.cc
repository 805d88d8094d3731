// SPDX-License-Identifier: Apache-2.0
// The C ABI: sessions that are bound to a device.
#include <sealring/binding.h>

#include "capi/guard.h"
#include "capi/session_handles.h"
#include "session/device_requests.h"
#include "session/session_counting.h"

using namespace sealring;
using namespace sealring::capi;
using namespace sealring::session;
using binding::Outcome;

static_assert(SEALRING_UNBOUND == static_cast<int>(Error::unbound));
static_assert(SEALRING_BINDING_REGISTERED == static_cast<int>(Outcome::registered));
static_assert(SEALRING_BINDING_REFRESHED == static_cast<int>(Outcome::refreshed));
static_assert(SEALRING_BINDING_CHALLENGED == static_cast<int>(Outcome::challenged));
static_assert(SEALRING_BINDING_REFUSED == static_cast<int>(Outcome::refused));
static_assert(SEALRING_BINDING_GONE == static_cast<int>(Outcome::gone));
static_assert(SEALRING_BINDING_FORGED == static_cast<int>(Outcome::forged));
static_assert(SEALRING_BINDING_UNAVAILABLE == static_cast<int>(Outcome::unavailable));

namespace {

constexpr const char* kDefaultPrefix = "/session-binding/";

// Texts one after another in a caller's buffer, behind the room for the field `bound`.
class Texts {
 public:
  explicit Texts(char* buffer) : rest_(buffer + kBoundRoom, SEALRING_BINDING_SIZE - kBoundRoom) {}

  sealring_text add(std::string_view text) {
    if (text.size() > rest_.size()) {
      complete_ = false;
      return {};
    }
    const sealring_text added = {text.empty() ? nullptr : rest_.data(), text.size()};
    std::ranges::copy(text, rest_.begin());
    rest_ = rest_.subspan(text.size());
    return added;
  }
  sealring_status status() const { return complete_ ? SEALRING_OK : SEALRING_BUFFER_TOO_SMALL; }

 private:
  std::span<char> rest_;
  bool complete_ = true;
};

std::optional<std::string_view> view(const sealring_text* text) {
  if (text == nullptr) return std::nullopt;
  return capi::view(text->data, text->size);
}

bool is_text(const sealring_text* text) {
  return text == nullptr || text->data != nullptr || text->size == 0;
}

// The only allocations of a session's request are here.
template <class Make>
sealring_status without_exceptions(Make make) noexcept {
  try {
    return make();
  } catch (const std::bad_alloc&) {
    return SEALRING_OUT_OF_MEMORY;
  } catch (const std::exception&) {
    return SEALRING_CRYPTO_FAILURE;
  }
}

template <class Answerer>
sealring_status answer_with(Answerer answerer, sealring_session* session, sealring_sealer* sealer,
                            int64_t now, const sealring_text* id, const sealring_text* proof,
                            char* buffer, sealring_binding_answer* answer) {
  if (!has_size(answer)) return SEALRING_INVALID_ARGUMENT;
  sealring_binding_answer made{};
  made.outcome = SEALRING_BINDING_UNAVAILABLE;
  made.status = binding::status_of(Outcome::unavailable);
  sealring_status status = SEALRING_INVALID_ARGUMENT;
  if (session != nullptr && session->profile != nullptr && sealer != nullptr && buffer != nullptr &&
      is_text(id) && is_text(proof)) {
    status = without_exceptions([&] {
      const auto answered = answerer(session->session, *session->profile, *sealer->sealer, now,
                                     binding::SentFields{.id = view(id), .proof = view(proof)});
      if (!answered) return status_of(answered.error());
      Texts texts(buffer);
      made.outcome = static_cast<std::int32_t>(answered->outcome);
      made.status = binding::status_of(answered->outcome);
      made.detail = answered->detail;
      made.challenge = texts.add(answered->challenge);
      made.cookie = texts.add(answered->cookie);
      made.body = texts.add(answered->body);
      return texts.status();
    });
  }
  write_structure(made, answer);
  return status;
}

}  // namespace

sealring_status sealring_session_profile_bind(sealring_session_profile* profile,
                                              const sealring_binding_options* options,
                                              sealring_error* error) {
  return guarded(error, {{profile, "profile"}, {options, "options"}}, [&]() -> Explained<void> {
    const auto given = read_structure(options);
    if (!given) return invalid_argument("the size of the sealring_binding_options is not set");
    binding::Settings settings;
    if (given->refresh != 0) settings.refresh = given->refresh;
    if (given->grace != 0) settings.grace = given->grace;
    settings.required = given->required != 0;
    return profile->profile.bind(settings,
                                 given->prefix != nullptr ? given->prefix : kDefaultPrefix);
  });
}

sealring_status sealring_session_offer(const sealring_session* session, sealring_sealer* sealer,
                                       int64_t now, char buffer[SEALRING_BINDING_SIZE],
                                       sealring_text* field) {
  if (field == nullptr) return SEALRING_INVALID_ARGUMENT;
  *field = {};
  if (session == nullptr || session->profile == nullptr || sealer == nullptr || buffer == nullptr) {
    return SEALRING_INVALID_ARGUMENT;
  }
  return without_exceptions([&] {
    const auto offered =
        offer_registration(session->session, *session->profile, *sealer->sealer, now);
    if (!offered) return status_of(offered.error());
    Texts texts(buffer);
    *field = texts.add(*offered);
    return texts.status();
  });
}

sealring_status sealring_session_open_to_bind(sealring_session* session, sealring_sealer* sealer,
                                              int64_t now, void* buffer, size_t capacity) {
  if (session == nullptr || session->profile == nullptr || sealer == nullptr ||
      (buffer == nullptr && capacity != 0)) {
    return SEALRING_INVALID_ARGUMENT;
  }
  if (capacity < sealring_session_open_size(session, sealer)) return SEALRING_BUFFER_TOO_SMALL;
  const auto opened =
      session->session.open_to_bind(*session->profile, *sealer->sealer, now, session->candidates,
                                    {static_cast<std::uint8_t*>(buffer), capacity});
  count_opened(*sealer->sealer, session->session, opened);
  return opened ? SEALRING_OK : status_of(opened.error());
}

sealring_status sealring_session_register(sealring_session* session, sealring_sealer* sealer,
                                          int64_t now, const sealring_text* proof,
                                          char buffer[SEALRING_BINDING_SIZE],
                                          sealring_binding_answer* answer) {
  const auto answerer = [buffer](auto&&... arguments) {
    return answer_registration(arguments..., std::span<char, kBoundRoom>(buffer, kBoundRoom));
  };
  return answer_with(answerer, session, sealer, now, nullptr, proof, buffer, answer);
}

sealring_status sealring_session_refresh(sealring_session* session, sealring_sealer* sealer,
                                         int64_t now, const sealring_text* id,
                                         const sealring_text* proof,
                                         char buffer[SEALRING_BINDING_SIZE],
                                         sealring_binding_answer* answer) {
  return answer_with(answer_refresh, session, sealer, now, id, proof, buffer, answer);
}
