// SPDX-License-Identifier: Apache-2.0
// Where the store is.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <vector>

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

struct SocketAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};
using Addresses = Explained<std::vector<SocketAddress>>;

// What it is if it has no name that is to be looked up.
std::optional<SocketAddress> known_address(const StoreAddress& address);
// Those of a name, at least one. Waits for name servers.
Addresses addresses_of(const std::string& host, const std::string& port);

// A socket that does not block and connects, or has connected.
Explained<Descriptor> begin_connecting(const SocketAddress& to);

}  // namespace sealring::agent
