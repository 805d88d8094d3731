// SPDX-License-Identifier: Apache-2.0
#include "fleet/store_address.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace sealring::agent {
namespace {

constexpr int kType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

std::unexpected<Problem> failed(const std::string& why) {
  return problem(Error::write_failed, why);
}

Addresses look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* raw = nullptr;
  const int code = getaddrinfo(host.c_str(), port.c_str(), &wanted, &raw);
  if (code != 0) return failed(code == EAI_SYSTEM ? std::strerror(errno) : gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> found(raw, freeaddrinfo);
  std::vector<SocketAddress> all;  // getaddrinfo finds one, or fails
  for (const addrinfo* one = raw; one != nullptr; one = one->ai_next) {
    SocketAddress& address = all.emplace_back();
    address.size = one->ai_addrlen;
    std::memcpy(&address.bytes, one->ai_addr, one->ai_addrlen);
  }
  return all;
}

}  // namespace

std::string StoreAddress::text() const {
  if (!path.empty()) return "unix:" + path;
  const std::string name = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  return (is_tls ? "rediss://" : "redis://") + name + ":" + port;
}

std::optional<StoreAddress> read_store_address(const std::string& text) {
  StoreAddress address;
  if (text.starts_with("unix:/")) {
    address.path = text.substr(5);
    return address.path.size() < sizeof(sockaddr_un::sun_path) ? std::optional(address)
                                                               : std::nullopt;
  }
  const std::size_t scheme = text.find("://");
  if (scheme == std::string::npos) return std::nullopt;
  address.is_tls = text.starts_with("rediss://");
  if (!address.is_tls && !text.starts_with("redis://")) return std::nullopt;
  std::string rest = text.substr(scheme + 3);
  if (rest.ends_with('/')) rest.pop_back();
  std::size_t end_of_host = rest.rfind(':');
  if (rest.starts_with('[')) {
    const std::size_t bracket = rest.find(']');
    if (bracket == std::string::npos) return std::nullopt;
    address.host = rest.substr(1, bracket - 1);
    end_of_host = bracket + 1 == rest.size() ? std::string::npos : bracket + 1;
    if (end_of_host != std::string::npos && rest[end_of_host] != ':') return std::nullopt;
  } else {
    address.host = rest.substr(0, end_of_host);
  }
  address.port = end_of_host == std::string::npos ? "6379" : rest.substr(end_of_host + 1);
  const bool is_number =
      !address.port.empty() && address.port.find_first_not_of("0123456789") == std::string::npos;
  if (address.host.empty() || !is_number || address.host.find_first_of("@/") != std::string::npos) {
    return std::nullopt;
  }
  return address;
}

std::optional<SocketAddress> known_address(const StoreAddress& address) {
  if (address.path.empty()) {
    const auto found = look_up(address.host, address.port, AI_NUMERICHOST);
    return found ? std::optional(found->front()) : std::nullopt;
  }
  sockaddr_un of_path{};
  of_path.sun_family = AF_UNIX;
  std::memcpy(of_path.sun_path, address.path.c_str(), address.path.size() + 1);
  SocketAddress known;
  known.size = sizeof(of_path);
  std::memcpy(&known.bytes, &of_path, sizeof(of_path));
  return known;
}

Addresses addresses_of(const std::string& host, const std::string& port) {
  auto found = look_up(host, port, AI_ADDRCONFIG);
  if (found) return found;
  return failed("the name \"" + host + "\" cannot be looked up: " + found.error().message);
}

Explained<Descriptor> begin_connecting(const SocketAddress& to) {
  const int family = to.bytes.ss_family;
  Descriptor made(socket(family, kType, 0));
  if (!made.is_open()) return failed(std::strerror(errno));
  if (connect(made.get(), reinterpret_cast<const sockaddr*>(&to.bytes), to.size) != 0 &&
      errno != EINPROGRESS) {
    return failed(std::strerror(errno));
  }
  if (family != AF_UNIX) {
    // Questions are small, and somebody waits for the answers. It works without this too.
    const int on = 1;
    static_cast<void>(setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
  }
  return made;
}

}  // namespace sealring::agent
