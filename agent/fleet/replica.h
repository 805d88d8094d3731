// SPDX-License-Identifier: Apache-2.0
// What keeping a list equal to the store needs of this machine: its list, and the time.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "revocation/list.h"

namespace sealring::agent {

using revocation::Entry;

struct Time {
  std::chrono::milliseconds monotonic;
  std::int64_t wall;  // seconds since 1970
};

// The list of this machine, with what waits to be written.
class Replica {
 public:
  virtual ~Replica() = default;
  virtual std::optional<revocation::Salt> salt() const = 0;  // nothing if there is no file
  virtual std::optional<Entry> find(const revocation::Hash& hash) const = 0;
  virtual void for_each(const std::function<void(const Entry&)>& visit) const = 0;
  virtual std::vector<std::string> names() const = 0;
  virtual bool is_settled() const = 0;  // nothing waits
};

}  // namespace sealring::agent
