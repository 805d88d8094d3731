// SPDX-License-Identifier: Apache-2.0
// Where the agent answers HTTP: on this machine only, because TLS is the work of a web server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/descriptor.h"
#include "base/error.h"

namespace sealring::agent {

struct ListenAddress {
  std::string path;  // of a UNIX socket, if that is what it is
  bool is_ipv6 = false;
  std::uint16_t port = 0;
};

// unix:PATH, 127.0.0.1:PORT or [::1]:PORT. Nothing if it has another form.
std::optional<ListenAddress> read_listen_address(const std::string& text);

// A socket that does not block.
Explained<Descriptor> listen_on(const ListenAddress& address);

}  // namespace sealring::agent
