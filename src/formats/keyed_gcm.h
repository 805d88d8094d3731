// SPDX-License-Identifier: Apache-2.0
// An AES-256-GCM context and the key of the ring that it is set to.
#pragma once

#include <array>
#include <memory>
#include <tuple>

#include "crypto/driver.h"
#include "keys/key.h"

namespace sealring {

inline constexpr std::array<std::uint8_t, AesGcm::kKeySize> kNoKey{};

struct KeyedGcm {
  std::unique_ptr<AesGcm> gcm;  // null until its first use
  // Identified by its address, because the ring does not change during a format's life.
  const Key* key = nullptr;

  Result<void> equip(Driver& driver) noexcept {
    if (gcm) return {};
    auto made = driver.aes_256_gcm();
    if (!made) return std::unexpected(made.error());
    gcm = std::move(*made);
    return {};
  }

  void forget() noexcept {
    if (key != nullptr) std::ignore = gcm->set_key(kNoKey);
    key = nullptr;
  }
};

}  // namespace sealring
