// SPDX-License-Identifier: Apache-2.0
#include "crypto/drivers.h"

#include <algorithm>
#include <map>

#include "base/fork_lock.h"

namespace sealring {
namespace {

constexpr const DriverRow* kDrivers[] = {&kOpensslDriver, &kNssDriver};

// "openssl (engine=NAME, provider=NAME), nss (dir=FOLDER, ..., noinit)"
std::string list_of_drivers() {
  std::string list;
  for (const DriverRow* driver : kDrivers) {
    if (driver->make == nullptr) continue;
    list.append(list.empty() ? "" : ", ").append(driver->name).append(" (");
    for (const ParameterRow& parameter : driver->parameters) {
      if (&parameter != &driver->parameters.front()) list += ", ";
      list.append(parameter.word);
      if (!parameter.value.empty()) list.append("=").append(parameter.value);
    }
    list += ")";
  }
  return list;
}

std::unexpected<Problem> refused(const std::string& what) {
  return problem(Error::invalid_argument, what + "; the drivers are: " + list_of_drivers());
}

Explained<DriverParameters> parse_parameters(const DriverRow& driver, std::string_view text) {
  std::vector<DriverParameters::Parameter> given;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const std::size_t equals = one.find('=');
    const std::string_view word = one.substr(0, equals);
    const std::string_view value =
        equals == std::string_view::npos ? std::string_view() : one.substr(equals + 1);
    const std::string named = "the crypto driver " + std::string(driver.name);
    const auto known = std::ranges::find(driver.parameters, word, &ParameterRow::word);
    if (known == driver.parameters.end()) {
      return refused(named + " has no parameter \"" + std::string(word) + "\"");
    }
    if (known->value.empty() != (equals == std::string_view::npos) ||
        known->value.empty() != value.empty()) {
      return refused(named + (known->value.empty() ? " accepts no" : " needs a") + " value for \"" +
                     std::string(word) + "\"");
    }
    if (std::ranges::find(given, word, &DriverParameters::Parameter::word) != given.end()) {
      return refused(named + " accepts \"" + std::string(word) + "\" only once");
    }
    given.push_back({word, value});
  }
  return DriverParameters(std::move(given));
}

Explained<std::unique_ptr<Driver>> make_driver(std::string_view name) {
  const std::size_t colon = name.find(':');
  const std::string_view word = name.substr(0, colon);
  const auto* const found = std::ranges::find(kDrivers, word, &DriverRow::name);
  if (found == std::end(kDrivers)) {
    return refused("there is no crypto driver \"" + std::string(word) + "\"");
  }
  const DriverRow* const driver = *found;
  if (driver->make == nullptr) {
    return refused("sealring was built without the crypto driver \"" + std::string(word) + "\"");
  }
  const auto parameters = parse_parameters(
      *driver, colon == std::string_view::npos ? std::string_view() : name.substr(colon + 1));
  if (!parameters) return std::unexpected(parameters.error());
  return driver->make(*parameters);
}

// Access only while holding ForkLock. Made when the library is loaded: otherwise a child could wait
// for ever for a thread of its parent to make it.
std::map<std::string, std::unique_ptr<Driver>, std::less<>> g_made;

}  // namespace

Explained<Driver*> find_driver(std::string_view name) {
  {
    const ForkLock lock;
    const auto found = g_made.find(name);
    if (found != g_made.end()) return found->second.get();
  }
  auto driver = make_driver(name);
  if (!driver) return std::unexpected(driver.error());
  std::string key(name);
  const ForkLock lock;
  // If two threads made the same driver, both get the first. The second is freed without the lock.
  return g_made.try_emplace(std::move(key), std::move(*driver)).first->second.get();
}

}  // namespace sealring
