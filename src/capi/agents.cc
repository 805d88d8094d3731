// SPDX-License-Identifier: Apache-2.0
// The C ABI: the agent that is told what a server has revoked.
#include <sealring/session.h>

#include "capi/guard.h"
#include "revocation/agent_socket.h"

using namespace sealring;
using namespace sealring::capi;

struct sealring_agent {
  revocation::AgentSocket socket;
};

sealring_status sealring_agent_new(const char* path, sealring_agent** agent,
                                   sealring_error* error) {
  if (agent != nullptr) *agent = nullptr;
  return guarded(error, {{path, "path"}, {agent, "agent"}}, [&]() -> Explained<void> {
    auto made = revocation::AgentSocket::make(path);
    if (!made) return std::unexpected(std::move(made.error()));
    *agent = new sealring_agent{std::move(*made)};
    return {};
  });
}

void sealring_agent_free(sealring_agent* agent) {
  delete agent;
}

sealring_status sealring_agent_send(sealring_agent* agent, int64_t now, const char* message,
                                    size_t size, sealring_error* error) {
  return guarded(error, {{agent, "agent"}, {message, "message"}}, [&]() -> Explained<void> {
    const auto sent = agent->socket.send(bytes(message, size), now);
    if (!sent) return std::unexpected(sent.error());
    return *sent ? Explained<void>() : problem(Error::write_failed, {});
  });
}
