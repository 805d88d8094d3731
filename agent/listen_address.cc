// SPDX-License-Identifier: Apache-2.0
#include "listen_address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "decimal.h"
#include "sockets.h"

namespace sealring::agent {
namespace {

constexpr mode_t kSocketMode = 0660;
constexpr int kBacklog = 64;

constexpr std::string_view kUnix = "unix:", kIpv4 = "127.0.0.1:", kIpv6 = "[::1]:";

int bind_to(int descriptor, const ListenAddress& address) {
  if (address.is_ipv6) {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(address.port);
    to.sin6_addr = in6addr_loopback;
    return bind(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(address.port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return bind(descriptor, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
}

}  // namespace

std::optional<ListenAddress> read_listen_address(const std::string& text) {
  ListenAddress address;
  if (text.starts_with(kUnix)) {
    address.path = text.substr(kUnix.size());
    return address.path.starts_with('/') ? std::optional(address) : std::nullopt;
  }
  address.is_ipv6 = text.starts_with(kIpv6);
  if (!address.is_ipv6 && !text.starts_with(kIpv4)) return std::nullopt;
  const std::string_view digits =
      std::string_view(text).substr((address.is_ipv6 ? kIpv6 : kIpv4).size());
  address.port = read_decimal<std::uint16_t>(digits).value_or(0);
  return address.port != 0 ? std::optional(address) : std::nullopt;
}

Explained<Descriptor> listen_on(const ListenAddress& address) {
  if (!address.path.empty()) return listen_at(address.path, Kind::stream, kSocketMode);
  const auto failed = [&address](const char* step) {
    return problem(Error::write_failed, "port " + std::to_string(address.port) + ": " + step +
                                            ": " + std::strerror(errno));
  };
  const int family = address.is_ipv6 ? AF_INET6 : AF_INET;
  Descriptor made(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.is_open()) return failed("making a socket");
  // So that a restart does not wait for connections of the process before.
  const int on = 1;
  if (setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
      bind_to(made.get(), address) != 0) {
    return failed("binding it");
  }
  if (listen(made.get(), kBacklog) != 0) return failed("listening");
  return made;
}

}  // namespace sealring::agent
