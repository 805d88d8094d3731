// SPDX-License-Identifier: Apache-2.0
#include "token/sealer.h"

#include <algorithm>
#include <new>

#include "base/secret.h"
#include "token/validity.h"

namespace sealring {
namespace {

// Base64 turns three bytes into four characters; the rest is what a format adds.
constexpr std::size_t kMaxTokenSize = 2 * kMaxPayloadSize;

std::unexpected<Sealer::Refusal> refusal(Refused why, std::string_view kid = {}, Times times = {},
                                         std::optional<FormatId> format = {}) {
  return std::unexpected(Sealer::Refusal{why.reason, NamedKid(kid), times, why.detail, format});
}

std::unexpected<Sealer::Refusal> invalid_argument(const char* detail) {
  return refusal({Error::invalid_argument, detail});
}

constexpr const char* kNegativeNow = "now is negative";
constexpr const char* kLongContext = "the context is longer than 1024 bytes";
static_assert(kMaxContextSize == 1024);

// Why no key of the ring opens a token that looks like this format.
constexpr const char* no_key_for(FormatId format) {
  switch (format) {
    case FormatId::s1:
      return "it is an s1 token, and the key ring has no XAES-256-GCM key";
    case FormatId::jwe:
      return "it is a JWE, and the key ring has no A256GCM key";
    default:
      return "every key of the ring for this old format is past its open_until";
  }
}

// Why a token does not open that looks like no format for which the ring has keys.
Refused not_recognised(Bytes input) {
  for (const FormatRow* row : formats()) {
    if (row->names_key && row->recognises(row->token_in(input))) {
      return {Error::unsupported, no_key_for(row->id)};
    }
  }
  return Error::malformed;
}

}  // namespace

Explained<std::unique_ptr<Sealer>> Sealer::make(std::shared_ptr<LiveKeyring> keyring,
                                                Driver& driver) {
  auto pool = RandomPool::make(driver);
  if (!pool) return problem(pool.error(), "the crypto driver returned no random bytes");
  auto sha_256 = driver.sha_256();
  if (!sha_256) return problem(sha_256.error(), "the crypto driver cannot serve SHA-256");
  std::unique_ptr<Sealer> sealer(
      new Sealer(std::move(keyring), driver, std::move(*pool), std::move(*sha_256)));
  if (auto adopted = sealer->adopt_current_ring(); !adopted) {
    return std::unexpected(adopted.error());
  }
  return sealer;
}

void Sealer::use_revocations(std::shared_ptr<revocation::Revocations> revocations, Stale stale) {
  revocations_ = std::move(revocations);
  stale_ = stale;
  adopt_current_list();
}

// Each of the two may report something, and neither once more: what cannot be returned now is
// returned by the next call.
Explained<void> Sealer::refresh(std::int64_t now) {
  std::optional<Problem> first = std::exchange(unreported_, std::nullopt);
  const auto ring = refresh_ring(now);
  const auto list = refresh_revocations(now);
  refresh_counters(now);
  if (counters_ != nullptr) {
    if (!ring) counters_->add<status::Counter::file_refusals>(0);
    if (!list) counters_->add<status::Counter::file_refusals>(1);
  }
  for (const auto* result : {&ring, &list}) {
    if (*result) continue;
    (first ? unreported_ : first) = result->error();
  }
  if (first) return std::unexpected(std::move(*first));
  return {};
}

Explained<void> Sealer::refresh_ring(std::int64_t now) {
  const auto looked = live_->refresh(now);
  if (generation_ != live_->generation() && failed_at_ != now) {
    failed_at_ = now;  // until this function succeeds
    if (auto adopted = adopt_current_ring(); !adopted) return adopted;
    failed_at_ = kNever;
  }
  return looked;
}

Explained<void> Sealer::refresh_revocations(std::int64_t now) {
  if (!revocations_) return {};
  auto looked = revocations_->refresh(now);
  if (list_generation_ != revocations_->generation()) adopt_current_list();
  return looked;
}

// The generation is read first, as of the ring.
void Sealer::adopt_current_list() {
  const std::uint64_t generation = revocations_->generation();
  revocation::Snapshot snapshot(*sha_256_, revocations_->current(), revocations_->pending());
  revoked_ = std::move(snapshot);  // if there is no memory for one, the list before is still used
  list_generation_ = generation;
}

Explained<void> Sealer::adopt_current_ring() {
  // The generation is read first: if the ring changes in between it is adopted twice, not missed.
  const std::uint64_t generation = live_->generation();
  const auto ring = live_->current();
  std::vector<Served> served;
  for (const FormatRow* row : formats()) {
    if (!ring->serves(row->id)) continue;
    auto format = row->make(driver_, pool_);
    if (!format) {
      return problem(format.error(), "the crypto driver " + std::string(driver_.name()) +
                                         " cannot serve " + std::string(row->name) + " tokens");
    }
    served.push_back({row, std::move(*format)});
  }
  served_ = std::move(served);
  key_counts_.reset();
  ring_ = ring;
  generation_ = generation;
  return {};
}

// What was drawn or derived before the fork belongs to the parent.
void Sealer::notice_fork() noexcept {
  if (!pool_.forked()) return;
  for (Served& served : served_) served.format->forget();
  pool_.took_note();
}

std::string_view Sealer::primary_kid(std::int64_t now) const noexcept {
  const Key* key = ring_->primary(now);
  return key != nullptr ? std::string_view(key->kid) : std::string_view();
}

std::size_t Sealer::sealed_size(std::size_t payload_size) const noexcept {
  if (payload_size > kMaxPayloadSize) return 0;
  std::size_t size = 0;
  for (const Served& served : served_) size = std::max(size, served.row->sealed_size(payload_size));
  return size;
}

std::size_t Sealer::opened_size(std::size_t token_size) const noexcept {
  if (token_size > kMaxTokenSize) return 0;
  std::size_t size = 0;
  for (const Served& served : served_) size = std::max(size, served.row->opened_size(token_size));
  return size;
}

std::expected<Sealer::Sealed, Sealer::Refusal> Sealer::seal(std::int64_t now,
                                                            std::uint64_t lifetime, Bytes context,
                                                            Bytes payload,
                                                            MutableBytes token) noexcept {
  const auto sealed = seal_uncounted(now, lifetime, context, payload, token);
  count_sealed(sealed, now);
  return sealed;
}

std::expected<Sealer::Sealed, Sealer::Refusal> Sealer::seal_uncounted(std::int64_t now,
                                                                      std::uint64_t lifetime,
                                                                      Bytes context, Bytes payload,
                                                                      MutableBytes token) noexcept {
  if (now < 0) return invalid_argument(kNegativeNow);
  if (context.size() > kMaxContextSize) return invalid_argument(kLongContext);
  if (payload.size() > kMaxPayloadSize) {
    return invalid_argument("the payload is longer than 16 MiB");
  }
  notice_fork();
  const Key* key = ring_->primary(now);
  if (key == nullptr) return refusal(Error::no_primary_key);
  const auto id_of = [](const Served& served) { return served.row->id; };
  const auto& [format_row, format] = *std::ranges::find(served_, row(key->algorithm).format, id_of);
  if (token.size() < format_row->sealed_size(payload.size())) {
    return refusal(Error::buffer_too_small);
  }
  const auto sealed = format->seal(*key, times_for(now, lifetime), context, payload, token);
  if (!sealed) {
    wipe(token);
    return refusal(sealed.error());
  }
  return Sealed{sealed->size, sealed->expires_at, key->kid, sealed->id, format_row->id, key};
}

std::expected<Sealer::Opened, Sealer::Refusal> Sealer::open(std::int64_t now, Bytes context,
                                                            Bytes token,
                                                            MutableBytes buffer) noexcept {
  auto opened = authenticate_uncounted(now, context, token, buffer);
  if (opened) {
    auto good = check_validity(opened->times, now);
    if (good) good = check_revoked(now, *opened);
    if (!good) {
      const bool is_stale = good.error() == Error::revoked && is_too_stale(now);
      opened = refusal({good.error(), is_stale ? kTooStale : nullptr}, opened->kid, opened->times,
                       opened->format);
      wipe(buffer.first(opened_size(token.size())));
    }
  }
  count_opened(opened, now);
  return opened;
}

// The last check. Only names of which tokens have values: a token has an ID, and may be one of all.
Result<void> Sealer::check_revoked(std::int64_t now, const Opened& opened) const noexcept {
  if (!revoked_) return {};
  if (is_too_stale(now)) return std::unexpected(Error::revoked);
  using revocation::Sought;
  const auto revoked = revoked_->has_any([&opened](std::string_view name) -> std::optional<Sought> {
    const bool is_token = name == revocation::kToken;
    if (!name.empty() && (!is_token || opened.id.empty())) return std::nullopt;
    // All that has this ID is this token, whenever it was issued.
    return is_token ? Sought{opened.id, 0} : Sought{{}, opened.times.issued_at};
  });
  if (!revoked) return std::unexpected(revoked.error());
  if (*revoked) return std::unexpected(Error::revoked);
  return {};
}

std::expected<Sealer::Opened, Sealer::Refusal> Sealer::authenticate(std::int64_t now, Bytes context,
                                                                    Bytes token,
                                                                    MutableBytes buffer) noexcept {
  const auto opened = authenticate_uncounted(now, context, token, buffer);
  count_opened(opened, now);
  return opened;
}

std::expected<Sealer::Opened, Sealer::Refusal> Sealer::authenticate_uncounted(
    std::int64_t now, Bytes context, Bytes input, MutableBytes buffer) noexcept {
  if (now < 0) return invalid_argument(kNegativeNow);
  if (context.size() > kMaxContextSize) return invalid_argument(kLongContext);
  if (input.size() > kMaxTokenSize) return refusal(Error::malformed);
  const std::size_t size = opened_size(input.size());
  if (buffer.size() < size) return refusal(Error::buffer_too_small);
  notice_fork();
  const MutableBytes used = buffer.first(size);
  // By the token's looks, and by the formats that the ring has keys for. A token that looks like a
  // new format is never tried as an old one.
  for (const Served& served : served_) {
    const FormatRow& row = *served.row;
    const Bytes token = row.token_in(input);
    // A buffer of exactly the size for this format, which may be less than other formats need.
    const MutableBytes room = used.first(row.opened_size(token.size()));
    const auto parsed = row.parse(token, room);
    // What can be parsed is recognised, and that is cheaper than to ask first.
    if (parsed || row.recognises(token)) {
      return authenticate_as(served, parsed, used, room, now, context);
    }
  }
  wipe(used);
  return refusal(not_recognised(input));
}

std::expected<Sealer::Opened, Sealer::Refusal> Sealer::authenticate_as(
    const Served& served, const Checked<Parsed>& parsed, MutableBytes buffer, MutableBytes room,
    std::int64_t now, Bytes context) noexcept {
  const FormatRow& row = *served.row;
  // The kid may be in the buffer.
  const auto refuse = [&row, buffer](Refused why, std::string_view kid = {}) {
    const auto refused = refusal(why, kid, {}, row.id);
    wipe(buffer);
    return refused;
  };
  if (!parsed) return refuse(parsed.error());

  const auto keys = keys_for(row, parsed->kid, now);
  if (!keys) return refuse(keys.error());
  Refused why =
      row.names_key ? Refused(Error::unknown_key) : Refused(Error::unsupported, no_key_for(row.id));
  for (const Key* key : *keys) {
    if (!key->opens_at(now)) continue;
    const auto opened = served.format->open(*key, *parsed, context, room);
    if (opened) return Opened{opened->payload, opened->times, key->kid, opened->id, row.id, key};
    why = opened.error();
    if (!is_refusal(why.reason)) break;
  }
  return refuse(why, parsed->kid);
}

// Once a minute, so that the places stay this process's. Without memory nothing is counted until
// the next call.
void Sealer::refresh_counters(std::int64_t now) noexcept {
  if (counters_ == nullptr || now < 0) return;
  counters_->tick(now);
  const bool is_recent = now >= places_asked_at_ && now < places_asked_at_ + 60;
  if (key_counts_ != nullptr && is_recent) return;
  const auto keys = ring_->keys();
  if (key_counts_ == nullptr) {
    key_counts_.reset(new (std::nothrow) status::KeyCounts*[keys.size()]);
    if (key_counts_ == nullptr) return;
  }
  for (const Key& key : keys) key_counts_[key.place] = &counters_->counts_of(key, now);
  places_asked_at_ = now;
}

void Sealer::count_sealed(const std::expected<Sealed, Refusal>& sealed, std::int64_t now) noexcept {
  if (key_counts_ == nullptr) return;
  if (sealed) {
    const auto& [size, expires_at, kid, id, format, key] = *sealed;
    key_counts_[key->place]->count_sealed(now, expires_at);
  } else {
    counters_->add<status::Counter::seal_errors>(status::seal_error_index(sealed.error().reason));
  }
}

void Sealer::count_opened(const std::expected<Opened, Refusal>& opened, std::int64_t now) noexcept {
  if (key_counts_ == nullptr) return;
  if (opened) {
    const auto& [payload, times, kid, id, format, key] = *opened;
    counters_->add<status::Counter::tokens_opened>(0, static_cast<std::size_t>(format));
    key_counts_[key->place]->count_opened(now, times.expires_at);
  } else {
    constexpr std::size_t kNone = std::size(status::kFormats) - 1;
    const auto& [reason, kid, times, detail, format] = opened.error();
    counters_->add<status::Counter::tokens_opened>(
        status::result_index(reason), format ? static_cast<std::size_t>(*format) : kNone);
  }
}

Result<void> Sealer::random(MutableBytes out) noexcept {
  notice_fork();
  return pool_.take(out);
}

Result<void> Sealer::sha_256(Bytes data, std::span<std::uint8_t, 32> out) noexcept {
  return sha_256_->digest(data, out);
}

// For a token that names no key although its format could: the one key that can be meant, or none.
Checked<std::span<const Key* const>> Sealer::keys_for(const FormatRow& row, std::string_view kid,
                                                      std::int64_t now) const noexcept {
  const auto keys = ring_->candidates(row.id, kid);
  if (!row.names_key || !kid.empty()) return keys;
  const auto opens = [now](const Key* key) { return key->opens_at(now); };
  const auto first = std::ranges::find_if(keys, opens);
  if (first == keys.end()) {
    return refused(Error::unknown_key, "it names no key, and no key of the ring opens a JWE now");
  }
  if (std::find_if(first + 1, keys.end(), opens) != keys.end()) {
    return refused(Error::unknown_key,
                   "it names no key (its header has no kid), and several of the ring open JWEs");
  }
  return std::span(&*first, 1);
}

}  // namespace sealring
