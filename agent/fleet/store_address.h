// SPDX-License-Identifier: Apache-2.0
// Where the store is.
#pragma once

#include <optional>
#include <string>

#include "base/descriptor.h"
#include "base/error.h"

namespace sealring::agent {

struct StoreAddress {
  std::string host, port;
  std::string path;  // of a UNIX socket, if that is what it is
  bool is_tls = false;

  std::string text() const;
};

// redis://HOST[:PORT], rediss://HOST[:PORT] for TLS, unix:PATH. Nothing if it has another form.
std::optional<StoreAddress> read_store_address(const std::string& text);

// A socket that does not block and connects, or has connected. Looking up a name may take a while.
// If it has several addresses, each attempt is for the next one.
Explained<Descriptor> begin_connecting(const StoreAddress& address, std::size_t attempt);

}  // namespace sealring::agent
