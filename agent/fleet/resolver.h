// SPDX-License-Identifier: Apache-2.0
// Looks up the addresses of a name while the loop goes on.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <string>

#include "base/descriptor.h"
#include "base/error.h"
#include "fleet/store_address.h"
#include "loop.h"

namespace sealring::agent {

// One thread looks up one name, because getaddrinfo() may wait for name servers for minutes, and
// nothing can end it. So the thread is never waited for, and what it uses is its own as well.
class Resolver {
 public:
  using Found = std::function<void(const Addresses&)>;

  explicit Resolver(Loop& loop) : loop_(loop) {}
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Until it has called `found`, it can look up nothing else.
  bool is_busy() const { return told_ != nullptr; }
  Explained<void> look_up(const std::string& host, const std::string& port, Found found);

 private:
  void take();

  Loop& loop_;
  Found found_;
  std::future<Addresses> addresses_;
  std::shared_ptr<Descriptor> told_;  // that they are there
};

}  // namespace sealring::agent
