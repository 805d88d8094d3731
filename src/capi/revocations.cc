// SPDX-License-Identifier: Apache-2.0
// The C ABI: revocations.
#include <sealring/binding.h>

#include <charconv>

#include "base/base64url.h"
#include "base/groups.h"
#include "base/readable_by.h"
#include "capi/keys.h"
#include "capi/session_handles.h"

using namespace sealring;
using namespace sealring::capi;
using namespace sealring::revocation;
using sealring::status::Counter;

static_assert(SEALRING_REVOKED == static_cast<int>(Error::revoked));
static_assert(SEALRING_INVALID_REVOCATIONS == static_cast<int>(Error::invalid_revocations));
static_assert(SEALRING_REVOCATION_HASH_SIZE == std::tuple_size_v<Hash>);
static_assert(SEALRING_REVOCATION_NAME_SIZE == kMaxNameSize + 1);

namespace {

// Nothing if it does not revoke anything, or a member is out of its bounds.
std::optional<Entry> entry_of(const sealring_revocation* revocation) {
  const auto given = read_structure(revocation);
  const auto is_time = [](std::int64_t time) { return time >= 0 && time <= kEndOfTime; };
  if (!given || given->until == 0 || !is_time(given->until) || !is_time(given->revoked_at)) {
    return std::nullopt;
  }
  Entry entry{{}, given->revoked_at, given->until};
  std::ranges::copy(given->hash, entry.hash.begin());
  return entry;
}

sealring_revocation revocation_of(std::string_view name, const Entry& entry) {
  sealring_revocation made{};
  copy_text(name, made.name);
  std::ranges::copy(entry.hash, made.hash);
  made.revoked_at = entry.revoked_at;
  made.until = entry.until;
  return made;
}

sealring_status describe(const std::optional<session::Revocation>& needed, const Sealer& sealer,
                         sealring_revocation& made) {
  const Snapshot* const revoked = sealer.revoked();
  if (!needed || revoked == nullptr) return SEALRING_OK;
  const auto hash = revoked->hash(kSid, {needed->sid.data(), needed->sid.size()});
  if (!hash) return status_of(hash.error());
  made = revocation_of(kSid, {*hash, needed->revoked_at, needed->until});
  return SEALRING_OK;
}

// A number as a field's value.
class Digits {
 public:
  explicit Digits(std::int64_t number)
      : size_(std::to_chars(text_.data(), text_.data() + text_.size(), number).ptr - text_.data()) {
  }
  operator std::string_view() const { return {text_.data(), static_cast<std::size_t>(size_)}; }

 private:
  std::array<char, 20> text_;
  std::ptrdiff_t size_;
};

}  // namespace

sealring_status sealring_revocations_load(const char* path, sealring_revocations** revocations,
                                          sealring_error* error) {
  if (revocations != nullptr) *revocations = nullptr;
  return guarded_with_driver(error, {{path, "path"}, {revocations, "revocations"}},
                             [&](Driver& driver) -> Explained<void> {
                               auto loaded = Revocations::load(driver, path);
                               if (!loaded) return std::unexpected(loaded.error());
                               *revocations = new sealring_revocations{std::move(*loaded)};
                               return {};
                             });
}

void sealring_revocations_free(sealring_revocations* revocations) {
  delete revocations;
}

size_t sealring_revocations_memory_size(size_t count) {
  return Pending::size_for(count);
}

sealring_status sealring_revocations_share(sealring_revocations* revocations, void* memory,
                                           size_t size) {
  if (revocations == nullptr || memory == nullptr ||
      !revocations->live->share({static_cast<std::uint8_t*>(memory), size})) {
    return SEALRING_INVALID_ARGUMENT;
  }
  return SEALRING_OK;
}

sealring_status sealring_sealer_use_revocations(sealring_sealer* sealer,
                                                const sealring_revocations* revocations,
                                                int stale_refuses) {
  return guarded(nullptr, {{sealer, "sealer"}, {revocations, "revocations"}},
                 [&]() -> Explained<void> {
                   sealer->sealer->use_revocations(
                       revocations->live, stale_refuses != 0 ? Stale::refuses : Stale::opens);
                   return {};
                 });
}

sealring_status sealring_revocations_describe(const sealring_revocations* revocations, int64_t now,
                                              sealring_revocations_info* info) {
  if (!has_size(info)) return SEALRING_INVALID_ARGUMENT;
  sealring_revocations_info made{};
  if (revocations != nullptr) {
    const auto file = revocations->live->current();
    const auto pending = revocations->live->pending();
    made.generation = file->list->header().generation;
    made.written_at = file->list->header().written_at;
    made.confirmed_at = file->confirmed_at;
    made.max_staleness = file->list->header().max_staleness;
    made.entries = file->list->size();
    made.pending = pending ? pending->count() : 0;
    made.stale = file->is_stale(now);
  }
  write_structure(made, info);
  return revocations != nullptr ? SEALRING_OK : SEALRING_INVALID_ARGUMENT;
}

sealring_status sealring_session_revocation(const sealring_session* session,
                                            sealring_sealer* sealer,
                                            sealring_revocation* revocation) {
  if (!has_size(revocation)) return SEALRING_INVALID_ARGUMENT;
  sealring_revocation made{};
  sealring_status status = SEALRING_INVALID_ARGUMENT;
  if (session != nullptr && sealer != nullptr) {
    status = describe(session->session.revocation(), *sealer->sealer, made);
    auto* const counters = sealer->sealer->counters();
    if (counters != nullptr && made.until != 0) counters->add<Counter::revocations>();
  }
  write_structure(made, revocation);
  return status;
}

sealring_status sealring_session_prior(const sealring_session* session, sealring_sealer* sealer,
                                       sealring_revocation* revocation) {
  if (!has_size(revocation)) return SEALRING_INVALID_ARGUMENT;
  sealring_revocation made{};
  sealring_status status = SEALRING_INVALID_ARGUMENT;
  if (session != nullptr && sealer != nullptr) {
    status = describe(session->session.prior_revocation(), *sealer->sealer, made);
    Hash hash;
    std::ranges::copy(made.hash, hash.begin());
    if (made.until != 0 && sealer->sealer->revoked()->has_sid(hash)) made = {};
  }
  write_structure(made, revocation);
  return status;
}

sealring_status sealring_revoke(sealring_revocations* revocations,
                                const sealring_revocation* revocation, int64_t now, int* lost) {
  if (lost != nullptr) *lost = 0;
  const auto entry = entry_of(revocation);
  if (revocations == nullptr || !entry || now < 0) return SEALRING_INVALID_ARGUMENT;
  auto pending = revocations->live->pending();
  if (!pending) return SEALRING_INVALID_ARGUMENT;
  const bool had_room = pending->add(*entry, *revocations->live->current()->list, now);
  if (lost != nullptr) *lost = !had_room;
  return SEALRING_OK;
}

int sealring_revocations_next(sealring_revocations* revocations, int64_t now, size_t* position,
                              sealring_revocation* revocation) {
  if (!has_size(revocation)) return 0;
  sealring_revocation made{};
  if (revocations != nullptr && position != nullptr && now >= 0) {
    auto pending = revocations->live->pending();
    const auto list = revocations->live->current()->list;
    const auto entry = pending ? pending->next(*position, *list, now) : std::nullopt;
    if (entry) made = revocation_of(kSid, *entry);
  }
  write_structure(made, revocation);
  return made.until != 0;
}

size_t sealring_revocation_message(const sealring_revocations* revocations,
                                   const sealring_revocation* revocation,
                                   char message[SEALRING_REVOCATION_MESSAGE_SIZE]) {
  const auto entry = entry_of(revocation);
  if (revocations == nullptr || !entry || message == nullptr) return 0;
  std::array<char, base64url::encoded_size(std::tuple_size_v<Hash>)> hash;
  base64url::encode(entry->hash, hash.data());
  const Digits revoked_at(entry->revoked_at), until(entry->until);
  const std::string_view name(revocation->name, strnlen(revocation->name, kMaxNameSize));
  session::Fields fields;
  for (const session::Field& field : {session::Field{"list", revocations->live->path()},
                                      {"name", name},
                                      {"hash", {hash.data(), hash.size()}},
                                      {"revoked_at", revoked_at},
                                      {"until", until}}) {
    if (!fields.set(field.name, field.value)) return 0;
  }
  return fields.text_size() <= SEALRING_REVOCATION_MESSAGE_SIZE ? fields.write(message) : 0;
}

sealring_status sealring_revocations_refresh(sealring_revocations* revocations, int64_t now,
                                             sealring_error* error) {
  return guarded(error, {{revocations, "revocations"}},
                 [&] { return revocations->live->refresh(now); });
}

sealring_status sealring_revocations_readable_by(const char* path, uint32_t user, uint32_t group,
                                                 sealring_error* error) {
  return guarded(error, {{path, "path"}}, [&]() -> Explained<void> {
    const auto groups = groups_of(user, group);
    const auto hindrance = hindrance_to_read(path, "list", {user, group, groups});
    if (!hindrance) return {};
    return problem(Error::invalid_revocations,
                   std::string(kListKind) + " \"" + path + "\": " + *hindrance);
  });
}
