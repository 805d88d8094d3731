// SPDX-License-Identifier: Apache-2.0
#include "token/sealer.h"

#include <algorithm>

#include "base/secret.h"
#include "token/validity.h"

namespace sealring {
namespace {

// Base64 makes four characters of three bytes; the rest is what a format adds.
constexpr std::size_t kMaxTokenSize = 2 * kMaxPayloadSize;

std::unexpected<Sealer::Refusal> refused(Error reason, std::string_view kid = {},
                                         Times times = {}) {
  return std::unexpected(Sealer::Refusal{reason, kid, times});
}

std::unexpected<Sealer::Refusal> invalid_argument(const char* detail) {
  return std::unexpected(Sealer::Refusal{.reason = Error::invalid_argument, .detail = detail});
}

constexpr const char* kNegativeNow = "now is negative";
constexpr const char* kLongContext = "the context is longer than 1024 bytes";
static_assert(kMaxContextSize == 1024);

}  // namespace

Explained<std::unique_ptr<Sealer>> Sealer::make(std::shared_ptr<LiveKeyring> keyring,
                                                Driver& driver) {
  auto pool = RandomPool::make(driver);
  if (!pool) return problem(pool.error(), "the crypto driver gives no random bytes");
  std::unique_ptr<Sealer> sealer(new Sealer(std::move(keyring), driver, std::move(*pool)));
  if (auto adopted = sealer->adopt_current_ring(); !adopted) {
    return std::unexpected(adopted.error());
  }
  return sealer;
}

Explained<void> Sealer::refresh(std::int64_t now) {
  const auto looked = live_->refresh(now);
  if (generation_ != live_->generation() && failed_at_ != now) {
    failed_at_ = now;  // unless this gets to its end
    if (auto adopted = adopt_current_ring(); !adopted) return adopted;
    failed_at_ = kNever;
  }
  return looked;
}

Explained<void> Sealer::adopt_current_ring() {
  // The generation first: a change in between is then adopted again, not missed.
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
  ring_ = ring;
  generation_ = generation;
  return {};
}

// What was drawn or derived before a fork belongs to the parent.
void Sealer::notice_fork() noexcept {
  if (!pool_.forked()) return;
  for (Served& served : served_) served.format->forget();
  pool_.took_note();
}

std::size_t Sealer::sealed_size(std::size_t payload_size) const noexcept {
  if (payload_size > kMaxPayloadSize) return 0;
  std::size_t size = 0;
  for (const Served& served : served_)
    size = std::max(size, served.format->sealed_size(payload_size));
  return size;
}

std::size_t Sealer::opened_size(std::size_t token_size) const noexcept {
  if (token_size > kMaxTokenSize) return 0;
  std::size_t size = 0;
  for (const Served& served : served_)
    size = std::max(size, served.format->opened_size(token_size));
  return size;
}

std::expected<Sealer::Sealed, Sealer::Refusal> Sealer::seal(std::int64_t now,
                                                            std::uint64_t lifetime, Bytes context,
                                                            Bytes payload,
                                                            MutableBytes token) noexcept {
  if (now < 0) return invalid_argument(kNegativeNow);
  if (context.size() > kMaxContextSize) return invalid_argument(kLongContext);
  if (payload.size() > kMaxPayloadSize) {
    return invalid_argument("the payload is longer than 16 MiB");
  }
  notice_fork();
  const Key* key = ring_->primary(now);
  if (key == nullptr) return refused(Error::no_primary_key);
  const auto id_of = [](const Served& served) { return served.row->id; };
  const auto& [row, format] =
      *std::ranges::find(served_, sealring::row(key->algorithm).format, id_of);
  if (token.size() < format->sealed_size(payload.size())) return refused(Error::buffer_too_small);
  const Times times = times_for(now, lifetime);
  const auto size = format->seal(*key, times, context, payload, token);
  if (size) return Sealed{*size, row->holds_times ? times.expires_at : 0, key->kid};
  wipe(token);
  if (size.error() != Error::invalid_argument) return refused(size.error());
  return invalid_argument(
      "the context is not UTF-8 text, or has a control character that a JWE cannot hold");
}

std::expected<Sealer::Opened, Sealer::Refusal> Sealer::open(std::int64_t now, Bytes context,
                                                            Bytes token,
                                                            MutableBytes buffer) noexcept {
  if (now < 0) return invalid_argument(kNegativeNow);
  if (context.size() > kMaxContextSize) return invalid_argument(kLongContext);
  if (token.size() > kMaxTokenSize) return refused(Error::malformed);
  const std::size_t size = opened_size(token.size());
  if (buffer.size() < size) return refused(Error::buffer_too_small);
  notice_fork();
  const MutableBytes used = buffer.first(size);
  const auto opened = open_in(used, now, context, token);
  if (!opened) wipe(used);
  return opened;
}

std::expected<Sealer::Opened, Sealer::Refusal> Sealer::open_in(MutableBytes buffer,
                                                               std::int64_t now, Bytes context,
                                                               Bytes token) noexcept {
  const auto served = recognise(token);
  if (!served) return refused(served.error());
  const auto& [row, format] = **served;
  const auto parsed = format->parse(token, buffer);
  if (!parsed) return refused(parsed.error());

  Error reason = row->names_key ? Error::unknown_key : Error::unsupported;
  for (const Key* key : ring_->candidates(row->id, parsed->kid)) {
    if (!key->opens_at(now)) continue;
    const auto opened = format->open(*key, *parsed, context, buffer);
    if (!opened && !is_refusal(opened.error())) return refused(opened.error(), parsed->kid);
    if (opened) {
      const auto valid = check_validity(opened->times, now);
      if (!valid) return refused(valid.error(), parsed->kid, opened->times);
      return Opened{opened->payload, opened->times, key->kid};
    }
    reason = opened.error();
  }
  return refused(reason, parsed->kid);
}

// By its looks and by what the ring holds keys for. A token that looks like a new format is never
// tried as an old one.
Result<const Sealer::Served*> Sealer::recognise(Bytes token) const noexcept {
  for (const Served& served : served_) {
    if (served.row->recognises(token)) return &served;
  }
  const bool known = std::ranges::any_of(formats(), [token](const FormatRow* row) {
    return row->names_key && row->recognises(token);
  });
  return std::unexpected(known ? Error::unsupported : Error::malformed);
}

}  // namespace sealring
