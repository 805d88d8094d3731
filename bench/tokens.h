// SPDX-License-Identifier: Apache-2.0
// Rings, sealers and tokens to measure, through the C ABI, as servers use it.
#pragma once

#include <sealring/sealring.h>

#include <cstring>
#include <memory>
#include <numeric>
#include <string_view>
#include <vector>

#include "measure.h"

namespace sealring::bench {

constexpr std::int64_t kNow = 1'800'000'000;
constexpr std::uint64_t kLifetime = 3600;
constexpr std::string_view kContext = "session";

using Data = std::vector<std::uint8_t>;

template <auto Free>
struct By {
  void operator()(auto* freed) const { Free(freed); }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, By<Free>>;

using Ring = Owned<sealring_keyring, sealring_keyring_free>;
using Sealer = Owned<sealring_sealer, sealring_sealer_free>;

inline Data payload_of(std::size_t size) {
  Data payload(size);
  std::iota(payload.begin(), payload.end(), std::uint8_t{0});
  return payload;
}

// Secrets are distinct, so that their kids are. The first key seals: it is the one whose
// seal_from is latest.
inline Ring ring_of(const char* algorithm, std::size_t keys = 1) {
  std::vector<Data> secrets(keys, Data(32, 0x5a));
  std::vector<sealring_key> list(keys, SEALRING_INIT(sealring_key));
  for (std::size_t i = 0; i < keys; ++i) {
    std::memcpy(secrets[i].data(), &i, sizeof i);
    list[i].algorithm = algorithm;
    list[i].secret = secrets[i].data();
    list[i].secret_size = secrets[i].size();
    list[i].seal_from = i == 0 ? 2 : 1;
  }
  sealring_keyring* ring = nullptr;
  require(sealring_keyring_from_keys(list.data(), keys, &ring, nullptr) == SEALRING_OK);
  return Ring(ring);
}

inline Sealer sealer_of(const Ring& ring) {
  sealring_sealer* sealer = nullptr;
  require(sealring_sealer_new(ring.get(), nullptr, &sealer, nullptr) == SEALRING_OK);
  return Sealer(sealer);
}

inline std::size_t seal(sealring_sealer* sealer, const Data& payload, Data& token) {
  sealring_sealed sealed = SEALRING_INIT(sealring_sealed);
  const auto status =
      sealring_seal(sealer, kNow, kLifetime, kContext.data(), kContext.size(), payload.data(),
                    payload.size(), token.data(), token.size(), &sealed);
  require(status == SEALRING_OK);
  return sealed.token_size;
}

inline Data sealed(sealring_sealer* sealer, const Data& payload) {
  Data token(sealring_sealed_size(sealer, payload.size()));
  token.resize(seal(sealer, payload, token));
  return token;
}

inline void open(sealring_sealer* sealer, const Data& token, Data& buffer) {
  sealring_opened opened = SEALRING_INIT(sealring_opened);
  const auto status = sealring_open(sealer, kNow, kContext.data(), kContext.size(), token.data(),
                                    token.size(), buffer.data(), buffer.size(), &opened);
  require(status == SEALRING_OK);
}

// One token again and again, in a ring of `keys` keys.
inline auto opening(const char* algorithm, std::size_t size, std::size_t keys = 1) {
  Sealer sealer = sealer_of(ring_of(algorithm, keys));
  const Data token = sealed(sealer.get(), payload_of(size));
  Data buffer(sealring_opened_size(sealer.get(), token.size()));
  return
      [sealer = std::move(sealer), token, buffer]() mutable { open(sealer.get(), token, buffer); };
}

// One token after another, each of another sealer and so of another prefix. `order` says which.
inline auto opening_prefixes(std::size_t size, std::size_t prefixes,
                             std::vector<std::size_t> order = {}) {
  const Ring ring = ring_of("XAES-256-GCM");
  std::vector<Data> tokens;
  while (tokens.size() < prefixes) {
    tokens.push_back(sealed(sealer_of(ring).get(), payload_of(size)));
  }
  if (order.empty()) {
    order.resize(prefixes);
    std::iota(order.begin(), order.end(), std::size_t{0});
  }
  Sealer sealer = sealer_of(ring);
  Data buffer(sealring_opened_size(sealer.get(), tokens[0].size()));
  return [sealer = std::move(sealer), tokens, order, buffer, next = std::size_t{0}]() mutable {
    open(sealer.get(), tokens[order[next]], buffer);
    if (++next == order.size()) next = 0;
  };
}

}  // namespace sealring::bench
