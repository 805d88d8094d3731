// SPDX-License-Identifier: Apache-2.0
// The crypto driver that the tests are about: ctest runs them on each.
#pragma once

#include <cstdlib>

#include "crypto/drivers.h"

namespace sealring {

inline Driver& tested_driver() {
  const char* const name = std::getenv("SEALRING_TESTED_DRIVER");
  return *find_driver(name != nullptr ? name : kDefaultDriver).value();
}

}  // namespace sealring
