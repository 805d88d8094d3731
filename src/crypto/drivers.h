// SPDX-License-Identifier: Apache-2.0
// The crypto drivers by name.
#pragma once

#include <vector>

#include "crypto/driver.h"

namespace sealring {

inline constexpr std::string_view kDefaultDriver = "openssl";

// Finds a driver by a name of the form "NAME" or "NAME:PARAMETER[,PARAMETER...]", where a parameter
// is "WORD=VALUE" or "WORD". The driver for a given name is made once per process, at its first
// use, and lives as long as the process. Thread-safe.
Explained<Driver*> find_driver(std::string_view name);

// Whether find_driver() would succeed. It is tried in a child process, so that nothing of the
// driver stays in this one: PKCS #11, which NSS implements, forbids using it across a fork.
Explained<void> check_driver(std::string_view name);

// The part of a name after the colon. Holds views into the name.
class DriverParameters {
 public:
  struct Parameter {
    std::string_view word;
    std::string_view value;  // empty if the parameter has no value
  };

  explicit DriverParameters(std::vector<Parameter> given) : given_(std::move(given)) {}

  bool empty() const { return given_.empty(); }
  bool has(std::string_view word) const { return find(word) != nullptr; }
  // Empty if it was not given. As a string, it ends with a NUL, as C libraries need it.
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

struct ParameterRow {
  std::string_view word;
  std::string_view value;  // what to call it in messages; empty if the parameter has no value
};

struct DriverRow {
  std::string_view name;
  std::span<const ParameterRow> parameters;
  // Null if sealring was built without this driver.
  Explained<std::unique_ptr<Driver>> (*make)(const DriverParameters& parameters);
};

// Nothing else of the drivers' files is visible outside.
extern const DriverRow kOpensslDriver;
extern const DriverRow kNssDriver;

}  // namespace sealring
