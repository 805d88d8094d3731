// SPDX-License-Identifier: Apache-2.0
// The crypto drivers by name.
#pragma once

#include <vector>

#include "crypto/driver.h"

namespace sealring {

inline constexpr std::string_view kDefaultDriver = "openssl";

// The driver of a name "NAME" or "NAME:PARAMETER[,PARAMETER...]", where a parameter is "WORD=VALUE"
// or "WORD". One name's driver is made once a process, at its first use, and lives as long as the
// process. Thread-safe.
Explained<Driver*> find_driver(std::string_view name);

// Whether find_driver() would find it, found out in a child process, so that nothing of the driver
// stays in this one: PKCS #11, which NSS follows, forbids to carry it over a fork.
Explained<void> check_driver(std::string_view name);

// What a name says behind its colon. Views into the name.
class DriverParameters {
 public:
  struct Parameter {
    std::string_view word;
    std::string_view value;  // empty where the parameter takes none
  };

  explicit DriverParameters(std::vector<Parameter> given) : given_(std::move(given)) {}

  bool empty() const { return given_.empty(); }
  bool has(std::string_view word) const { return find(word) != nullptr; }
  // Empty where it was not given. With a NUL behind it, for libraries in C.
  std::string value(std::string_view word) const {
    const Parameter* parameter = find(word);
    return std::string(parameter != nullptr ? parameter->value : std::string_view());
  }

 private:
  const Parameter* find(std::string_view word) const {
    for (const Parameter& parameter : given_) {
      if (parameter.word == word) return &parameter;
    }
    return nullptr;
  }

  std::vector<Parameter> given_;
};

// The only functions of the drivers' files that the outside sees.
Explained<std::unique_ptr<Driver>> make_openssl_driver(const DriverParameters& parameters);
Explained<std::unique_ptr<Driver>> make_nss_driver(const DriverParameters& parameters);

}  // namespace sealring
