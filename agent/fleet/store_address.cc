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

std::unexpected<Problem> failed(const StoreAddress& address, const std::string& why) {
  return problem(Error::write_failed, "store " + address.text() + ": " + why);
}

Explained<Descriptor> connecting(const StoreAddress& address, int family, const sockaddr* to,
                                 socklen_t size) {
  Descriptor made(socket(family, kType, 0));
  if (!made.is_open()) return failed(address, std::strerror(errno));
  if (connect(made.get(), to, size) != 0 && errno != EINPROGRESS) {
    return failed(address, std::strerror(errno));
  }
  if (family != AF_UNIX) {
    // Questions are small, and somebody waits for the answers. It works without this too.
    const int on = 1;
    static_cast<void>(setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
  }
  return made;
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

Explained<Descriptor> begin_connecting(const StoreAddress& address, std::size_t attempt) {
  if (!address.path.empty()) {
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::memcpy(to.sun_path, address.path.c_str(), address.path.size() + 1);
    return connecting(address, AF_UNIX, reinterpret_cast<const sockaddr*>(&to), sizeof(to));
  }
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  addrinfo* raw = nullptr;
  const int code = getaddrinfo(address.host.c_str(), address.port.c_str(), &wanted, &raw);
  if (code != 0) return failed(address, gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> found(raw, freeaddrinfo);
  std::vector<const addrinfo*> all;
  for (const addrinfo* one = raw; one != nullptr; one = one->ai_next) all.push_back(one);
  const addrinfo& chosen = *all[attempt % all.size()];  // getaddrinfo finds one, or fails
  return connecting(address, chosen.ai_family, chosen.ai_addr, chosen.ai_addrlen);
}

}  // namespace sealring::agent
