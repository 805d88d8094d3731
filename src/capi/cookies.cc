// SPDX-License-Identifier: Apache-2.0
// The C ABI: the cookies of an application.
#include <sealring/cookies.h>

#include <cstddef>

#include "capi/guard.h"
#include "cookies/sealed_cookie.h"

using namespace sealring;
using namespace sealring::capi;
using namespace sealring::cookies;

static_assert(SEALRING_COOKIES_MAX_CONTEXT == kMaxContext);
static_assert(SEALRING_COOKIES_MAX_NAME == kMaxName);
static_assert(SEALRING_COOKIES_MAX_OPENED == kMaxOpened);
static_assert(SEALRING_COOKIES_REPORT == static_cast<int>(Mode::report));
static_assert(SEALRING_COOKIES_MIGRATE == static_cast<int>(Mode::migrate));
static_assert(SEALRING_COOKIES_ENFORCE == static_cast<int>(Mode::enforce));
static_assert(SEALRING_COOKIE_PASSED == static_cast<int>(Fate::passed));
static_assert(SEALRING_COOKIE_REPORTED == static_cast<int>(Fate::reported));
static_assert(SEALRING_COOKIE_DELETION == static_cast<int>(Fate::deletion));
static_assert(SEALRING_COOKIE_SEALED == static_cast<int>(Fate::sealed));
static_assert(SEALRING_COOKIE_TOO_LARGE == static_cast<int>(Fate::too_large));

struct sealring_cookies_policy {
  int (*matches)(const void* data, const char* name, size_t size);
  const void* match_data;
  std::optional<Policy> policy;
};

struct sealring_cookies {
  const Policy* policy;
  Request request;
};

static_assert(alignof(sealring_cookies) <= alignof(std::max_align_t));
static_assert(std::is_trivially_destructible_v<sealring_cookies>);

namespace {

bool matches(const void* data, std::string_view name) {
  const auto* policy = static_cast<const sealring_cookies_policy*>(data);
  return policy->matches(policy->match_data, name.data(), name.size()) != 0;
}

const OpenedCookie* due_at(const sealring_cookies* cookies, std::size_t index) {
  if (cookies == nullptr) return nullptr;
  for (const OpenedCookie& cookie : cookies->request.opened()) {
    if (cookie.is_due && index-- == 0) return &cookie;
  }
  return nullptr;
}

sealring_status give(const std::expected<Replacement, SealFailure>& replacement,
                     sealring_set_cookie* set_cookie) {
  sealring_set_cookie made{};
  if (replacement) {
    made.fate = static_cast<std::int32_t>(replacement->fate);
    made.name = text_of(replacement->name);
    made.count = replacement->count;
    for (std::size_t i = 0; i < made.count; ++i) made.lines[i] = text_of(replacement->lines[i]);
  } else {
    made.detail = replacement.error().detail;
  }
  write_structure(made, set_cookie);
  return replacement ? SEALRING_OK : status_of(replacement.error().reason);
}

}  // namespace

sealring_status sealring_cookies_policy_new(const sealring_cookies_options* options,
                                            sealring_cookies_policy** policy,
                                            sealring_error* error) {
  if (policy != nullptr) *policy = nullptr;
  const auto make = [&]() -> Explained<void> {
    const auto given = read_structure(options);
    if (!given) return invalid_argument("the size of the sealring_cookies_options is not set");
    if (given->names == nullptr && given->name_count != 0) {
      return invalid_argument("the names are NULL");
    }
    if (given->sessions == nullptr && given->session_count != 0) {
      return invalid_argument("the sessions are NULL");
    }
    if (given->mode < SEALRING_COOKIES_REPORT || given->mode > SEALRING_COOKIES_ENFORCE) {
      return invalid_argument("there is no such mode");
    }
    auto made = std::make_unique<sealring_cookies_policy>();
    made->matches = given->matches;
    made->match_data = given->match_data;
    PolicyOptions chosen;
    if (given->context != nullptr) chosen.context = given->context;
    for (std::size_t i = 0; i < given->name_count; ++i) {
      if (given->names[i] == nullptr) return invalid_argument("a name is NULL");
      chosen.names.emplace_back(given->names[i]);
    }
    if (given->matches != nullptr) chosen.matches = matches;
    chosen.match_data = made.get();
    chosen.http_only = given->http_only != 0;
    chosen.all = given->all != 0;
    chosen.mode = static_cast<Mode>(given->mode);
    chosen.accept_plain_until = given->accept_plain_until;
    for (std::size_t i = 0; i < given->session_count; ++i) {
      if (given->sessions[i] == nullptr) return invalid_argument("a session's name is NULL");
      chosen.sessions.emplace_back(given->sessions[i]);
    }
    auto policy_made = Policy::make(chosen);
    if (!policy_made) return std::unexpected(policy_made.error());
    made->policy.emplace(std::move(*policy_made));
    *policy = made.release();
    return {};
  };
  return guarded(error, {{options, "options"}, {policy, "policy"}}, make);
}

void sealring_cookies_policy_free(sealring_cookies_policy* policy) {
  delete policy;
}

size_t sealring_cookies_size(void) {
  return sizeof(sealring_cookies);
}

sealring_cookies* sealring_cookies_init(void* memory, const sealring_cookies_policy* policy) {
  if (memory == nullptr || policy == nullptr) return nullptr;
  return new (memory) sealring_cookies{&*policy->policy, {}};
}

sealring_status sealring_cookies_read(sealring_cookies* cookies, const sealring_sealer* sealer,
                                      const char* header, size_t size) {
  if (cookies == nullptr || sealer == nullptr || (header == nullptr && size != 0)) {
    return SEALRING_INVALID_ARGUMENT;
  }
  cookies->request.read(*sealer->sealer, view(header, size));
  return SEALRING_OK;
}

size_t sealring_cookies_open_size(const sealring_cookies* cookies, const sealring_sealer* sealer) {
  if (cookies == nullptr || sealer == nullptr) return 0;
  return cookies->request.open_size(*sealer->sealer);
}

sealring_status sealring_cookies_begin(sealring_cookies* cookies, sealring_sealer* sealer,
                                       int64_t now, void* buffer, size_t capacity) {
  if (cookies == nullptr || sealer == nullptr || (buffer == nullptr && capacity != 0)) {
    return SEALRING_INVALID_ARGUMENT;
  }
  const auto begun =
      cookies->request.begin(*cookies->policy, *sealer->sealer, now, writable(buffer, capacity));
  return begun ? SEALRING_OK : status_of(begun.error());
}

sealring_status sealring_cookies_rewrite(sealring_cookies* cookies, const char* header, size_t size,
                                         sealring_text* passed) {
  if (passed != nullptr) *passed = {};
  if (cookies == nullptr || (header == nullptr && size != 0) || passed == nullptr) {
    return SEALRING_INVALID_ARGUMENT;
  }
  const auto rewritten = cookies->request.rewrite(view(header, size));
  if (!rewritten) return status_of(rewritten.error());
  *passed = text_of(*rewritten);
  return SEALRING_OK;
}

sealring_status sealring_cookies_describe(const sealring_cookies* cookies,
                                          sealring_cookies_info* info) {
  if (!has_size(info)) return SEALRING_INVALID_ARGUMENT;
  sealring_cookies_info made{};
  if (cookies != nullptr) {
    const Request& request = cookies->request;
    made.opened = request.opened().size();
    made.plain = request.plain();
    made.cut = request.cut();
    for (const OpenedCookie& cookie : request.opened()) made.due += cookie.is_due;
    made.forged = request.has_forged();
    if (const auto& cut = request.first_cut()) {
      made.reason = status_of(cut->reason);
      made.name = text_of(cut->name);
      made.detail = cut->detail;
      copy_text(cut->kid, made.kid);
    }
  }
  write_structure(made, info);
  return cookies != nullptr ? SEALRING_OK : SEALRING_INVALID_ARGUMENT;
}

size_t sealring_cookies_seal_size(const sealring_sealer* sealer, size_t line_size,
                                  size_t path_size) {
  return sealer != nullptr ? replacement_size(*sealer->sealer, line_size, path_size) : 0;
}

sealring_status sealring_cookies_seal(const sealring_cookies_policy* policy,
                                      sealring_sealer* sealer, int64_t now, const char* line,
                                      size_t line_size, const char* path, size_t path_size,
                                      const sealring_cookies* cookies, void* buffer,
                                      size_t capacity, sealring_set_cookie* set_cookie) {
  if (!has_size(set_cookie)) return SEALRING_INVALID_ARGUMENT;
  if (policy == nullptr || sealer == nullptr || (line == nullptr && line_size != 0) ||
      (path == nullptr && path_size != 0) || (buffer == nullptr && capacity != 0)) {
    return give(std::unexpected(SealFailure{Error::invalid_argument, "a pointer is NULL"}),
                set_cookie);
  }
  const Request* request = cookies != nullptr ? &cookies->request : nullptr;
  return give(replace(*policy->policy, *sealer->sealer, now, view(line, line_size),
                      view(path, path_size), request, writable(buffer, capacity)),
              set_cookie);
}

int sealring_cookies_due_at(const sealring_cookies* cookies, size_t index, sealring_text* name) {
  const OpenedCookie* due = due_at(cookies, index);
  if (name != nullptr) *name = due != nullptr ? text_of(due->name) : sealring_text{};
  return due != nullptr && name != nullptr;
}

size_t sealring_cookies_renew_size(const sealring_cookies* cookies, const sealring_sealer* sealer,
                                   size_t index) {
  const OpenedCookie* due = due_at(cookies, index);
  return due != nullptr && sealer != nullptr ? renewal_size(*sealer->sealer, *due) : 0;
}

sealring_status sealring_cookies_renew(const sealring_cookies* cookies, sealring_sealer* sealer,
                                       int64_t now, size_t index, void* buffer, size_t capacity,
                                       sealring_set_cookie* set_cookie) {
  if (!has_size(set_cookie)) return SEALRING_INVALID_ARGUMENT;
  const OpenedCookie* due = due_at(cookies, index);
  if (due == nullptr || sealer == nullptr || buffer == nullptr) {
    return give(std::unexpected(SealFailure{Error::invalid_argument, "there is no such cookie"}),
                set_cookie);
  }
  return give(renew(*cookies->policy, *sealer->sealer, now, *due, writable(buffer, capacity)),
              set_cookie);
}
