// SPDX-License-Identifier: Apache-2.0
// Converts the keys that callers pass, and provides the driver that this needs.
#pragma once

#include "capi/guard.h"
#include "crypto/drivers.h"

namespace sealring::capi {

Explained<Key> to_key(Driver& driver, const sealring_key* argument);

// For functions that work on key rings: they use the default driver, for digests and random bytes.
template <class Entry>
sealring_status guarded_with_driver(sealring_error* error, std::initializer_list<Required> required,
                                    Entry entry) noexcept {
  return guarded(error, required, [&]() -> Explained<void> {
    const auto driver = find_driver(kDefaultDriver);
    if (!driver) return std::unexpected(driver.error());
    return entry(**driver);
  });
}

}  // namespace sealring::capi
