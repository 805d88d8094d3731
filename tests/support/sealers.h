// SPDX-License-Identifier: Apache-2.0
// Sealers of given keys, and seal and open with buffers of their own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/keys.h"
#include "token/sealer.h"

namespace sealring {

inline std::unique_ptr<Sealer> sealer_of(std::vector<Key> keys, Driver& driver = tested_driver()) {
  return Sealer::make(LiveKeyring::make(std::move(keys)).value(), driver).value();
}

inline std::string seal(Sealer& sealer, std::string_view payload, std::string_view context = "",
                        std::int64_t now = kNow, std::uint64_t lifetime = 3600) {
  std::string token(sealer.sealed_size(payload.size()), '\0');
  const MutableBytes out(reinterpret_cast<std::uint8_t*>(token.data()), token.size());
  token.resize(sealer.seal(now, lifetime, as_bytes(context), as_bytes(payload), out).value().size);
  return token;
}

// The result of opening: the payload, or the reason with all that the library said about it.
struct Outcome {
  bool opened = false;
  std::string payload;
  Error reason{};
  std::string kid;
  Times times;
  std::string id;
  std::string detail;
};

inline Outcome open(Sealer& sealer, std::string_view token, std::string_view context = "",
                    std::int64_t now = kNow) {
  std::vector<std::uint8_t> buffer(sealer.opened_size(token.size()), 0xa5);
  const auto opened = sealer.open(now, as_bytes(context), as_bytes(token), buffer);
  if (opened) {
    return {true,
            std::string(as_text(opened->payload)),
            {},
            std::string(opened->kid),
            opened->times,
            std::string(opened->id),
            {}};
  }
  const auto& refusal = opened.error();
  return {false,
          "",
          refusal.reason,
          std::string(refusal.kid),
          refusal.times,
          "",
          refusal.detail != nullptr ? refusal.detail : ""};
}

inline std::string reason_of(Sealer& sealer, std::string_view token, std::string_view context = "",
                             std::int64_t now = kNow) {
  const Outcome outcome = open(sealer, token, context, now);
  return outcome.opened ? "ok" : std::string(error_name(outcome.reason));
}

}  // namespace sealring
