// SPDX-License-Identifier: Apache-2.0
// The crypto drivers by name.
#pragma once

#include "crypto/driver.h"

namespace sealring {

inline constexpr std::string_view kDefaultDriver = "openssl";

// Each driver is made once a process, at its first use, and lives as long as the process.
// Thread-safe.
Explained<Driver*> find_driver(std::string_view name);

// The only function of crypto/openssl.cc that the outside sees.
Explained<std::unique_ptr<Driver>> make_openssl_driver();

}  // namespace sealring
