// SPDX-License-Identifier: Apache-2.0
#include "revocation/agent_socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace sealring::revocation {
namespace {

// A burst of logouts may fill the queue of an agent that is well.
constexpr std::int64_t kFullSeconds = 10;

std::string named(std::string_view path) {
  return "the agent at \"unix:" + std::string(path) + "\"";
}

}  // namespace

Explained<AgentSocket> AgentSocket::make(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return problem(Error::invalid_argument, named(path) + ": the path of a socket has from 1 to " +
                                                std::to_string(sizeof(address.sun_path) - 1) +
                                                " bytes");
  }
  std::ranges::copy(path, address.sun_path);
  Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) {
    return problem(Error::write_failed, named(path) + ": no socket: " + std::strerror(errno));
  }
  return AgentSocket(std::move(socket), address);
}

Explained<bool> AgentSocket::send(Bytes datagram, std::int64_t now) {
  const auto sent = ::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address_), sizeof(address_));
  if (sent >= 0) {
    full_since_ = kNotFull;
    reported_ = false;
    return true;
  }
  const int reason = errno;
  const bool is_full = reason == EAGAIN || reason == EWOULDBLOCK;
  if (!is_full) {
    full_since_ = kNotFull;
  } else if (full_since_ == kNotFull) {
    full_since_ = now;
  }
  if ((is_full && now < full_since_ + kFullSeconds) || std::exchange(reported_, true)) return false;
  return problem(Error::write_failed,
                 named(address_.sun_path) +
                     " cannot be told: " + (is_full ? "it does not read" : std::strerror(reason)) +
                     "; until it can, only this server knows of its logouts, which it sends again "
                     "every few seconds");
}

}  // namespace sealring::revocation
