// SPDX-License-Identifier: Apache-2.0
#include "fleet/sealed_ring.h"

#include <algorithm>

#include "keys/jwk_set.h"
#include "keys/keyring.h"

namespace sealring::agent {
namespace {

constexpr std::string_view kContext = "sealring-ring";
constexpr std::string_view kBeginning = "s1.";
constexpr const char* kOtherFormat =
    "the fleet key is for another format than s1; make one with: sealring keyring init FILE";
constexpr std::size_t kGenerationSize = 8;
constexpr std::size_t kNameAt = kGenerationSize + 1;

std::unexpected<Problem> ring_refused(Error reason, const std::string& why) {
  return problem(reason, "the sealed ring is refused: " + why);
}

std::string why_not(const Sealer::Refusal& refusal) {
  if (refusal.reason == Error::unknown_key) {
    return "its fleet key is not the one of this machine";
  }
  std::string why(error_name(refusal.reason));
  if (refusal.detail != nullptr) why += std::string(": ") + refusal.detail;
  return why;
}

}  // namespace

bool is_ring_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxRingNameSize && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

std::optional<RingPayload> read_ring_payload(Bytes payload) {
  if (payload.size() <= kNameAt) return std::nullopt;
  const std::size_t size = payload[kGenerationSize];
  if (payload.size() - kNameAt < size) return std::nullopt;
  const RingPayload read{load_big_endian(payload.first<kGenerationSize>()),
                         as_text(payload.subspan(kNameAt, size)),
                         as_text(payload.subspan(kNameAt + size))};
  if (read.generation == 0 || read.generation > kMaxRingGeneration || !is_ring_name(read.name)) {
    return std::nullopt;
  }
  return read;
}

Explained<std::vector<std::string>> kids_of_ring(Driver& driver, std::string_view text) {
  auto keys = parse_jwk_set(driver, text);
  if (!keys) return std::unexpected(keys.error());
  const auto ring = Keyring::make(std::move(*keys));
  if (!ring) return std::unexpected(ring.error());
  std::vector<std::string> kids;
  for (const Key& key : (*ring)->keys()) {
    if (!key.kid.empty()) kids.emplace_back(key.kid);
  }
  return kids;
}

Explained<std::string> seal_ring(Sealer& fleet, std::int64_t now, std::string_view name,
                                 std::uint64_t generation, std::string_view text) {
  SecretBytes payload(kNameAt + name.size() + text.size());
  const MutableBytes bytes(payload);
  store_big_endian(generation, bytes.first<kGenerationSize>());
  bytes[kGenerationSize] = static_cast<std::uint8_t>(name.size());
  copy(as_bytes(name), bytes.subspan(kNameAt));
  copy(as_bytes(text), bytes.subspan(kNameAt + name.size()));
  std::string token(fleet.sealed_size(payload.size()), '\0');
  const MutableBytes out(reinterpret_cast<std::uint8_t*>(token.data()), token.size());
  const auto sealed = fleet.seal(now, 0, as_bytes(kContext), payload, out);
  if (!sealed) {
    return problem(sealed.error().reason,
                   "the ring cannot be sealed under the fleet key: " + why_not(sealed.error()));
  }
  if (sealed->format != FormatId::s1) {
    wipe(out);
    return problem(Error::unsupported, kOtherFormat);
  }
  token.resize(sealed->size);
  return token;
}

Explained<Ring> open_ring(Sealer& fleet, std::int64_t now, std::string_view name,
                          std::string_view sealed) {
  if (sealed.size() > kMaxSealedRingSize) return ring_refused(Error::malformed, "it is too large");
  if (!sealed.starts_with(kBeginning)) return ring_refused(Error::malformed, "it is no s1 token");
  SecretBytes buffer(fleet.opened_size(sealed.size()));
  const auto opened = fleet.open(now, as_bytes(kContext), as_bytes(sealed), buffer);
  if (!opened) return ring_refused(opened.error().reason, why_not(opened.error()));
  // As a key of an old format, whose tokens others can make, opens what only looks like s1.
  if (opened->format != FormatId::s1) return ring_refused(Error::unsupported, kOtherFormat);
  const auto payload = read_ring_payload(opened->payload);
  if (!payload) return ring_refused(Error::malformed, "it does not have the form of a ring");
  if (payload->name != name) {
    return ring_refused(Error::malformed, "it is the ring \"" + std::string(payload->name) + '"');
  }
  auto kids = kids_of_ring(fleet.driver(), payload->text);
  if (!kids) return ring_refused(kids.error().error, kids.error().message);
  const Bytes text = as_bytes(payload->text);
  return Ring{payload->generation, SecretBytes(text.begin(), text.end()), std::move(*kids)};
}

}  // namespace sealring::agent
