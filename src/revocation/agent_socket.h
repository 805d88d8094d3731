// SPDX-License-Identifier: Apache-2.0
// The socket by which a server tells an agent what it has revoked (spec/revocations.md
// section 7.1).
#pragma once

#include <sys/un.h>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/error.h"

namespace sealring::revocation {

// For one thread at a time. It never waits, and the agent may come and go.
class AgentSocket {
 public:
  // invalid_argument: the path is too long for a socket.
  static Explained<AgentSocket> make(const std::string& path);

  // Whether the datagram was sent. If the agent is not there, or has not read for a while, the
  // first call says so, and the others return false until one is sent.
  Explained<bool> send(Bytes datagram, std::int64_t now);

 private:
  static constexpr std::int64_t kNotFull = INT64_MIN;

  AgentSocket(Descriptor socket, const sockaddr_un& address) noexcept
      : socket_(std::move(socket)), address_(address) {}

  Descriptor socket_;
  sockaddr_un address_;
  std::int64_t full_since_ = kNotFull;  // when its queue was first seen to be full
  bool reported_ = false;
};

}  // namespace sealring::revocation
