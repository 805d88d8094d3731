// SPDX-License-Identifier: Apache-2.0
// The agent's UNIX sockets: those that systemd hands over, or its own.
#pragma once

#include <string>

#include "base/descriptor.h"
#include "base/error.h"

namespace sealring::agent {

enum class Kind { datagram, stream };

// The socket of this path and kind, if systemd has it open for this process (sd_listen_fds(3));
// otherwise a new one with this mode, which takes the place of one that a process has left behind.
// Neither blocks.
Explained<Descriptor> listen_at(const std::string& path, Kind kind, mode_t mode);

// A connection to a stream socket.
Explained<Descriptor> connect_to(const std::string& path);

// Tells systemd, if that waits for it (sd_notify(3)): "READY=1", "WATCHDOG=1".
void notify_systemd(const std::string& state);

}  // namespace sealring::agent
