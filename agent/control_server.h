// SPDX-License-Identifier: Apache-2.0
// The connections of the control socket.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/descriptor.h"
#include "control.h"
#include "loop.h"

namespace sealring::agent {

class ControlServer {
 public:
  // Gives a request its answer, at once or later; the client may have gone by then.
  using Answer = std::function<void(const std::string& json)>;
  // Called with each request, or with what is wrong with it.
  using Handler = std::function<void(const std::expected<Request, std::string>&, const Answer&)>;

  ControlServer(Loop& loop, Descriptor listening, Handler handler);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  struct Connection;

  void accept_all();
  void handle(const std::shared_ptr<Connection>& connection, short events);
  void work(const std::shared_ptr<Connection>& connection);
  void read_requests(const std::shared_ptr<Connection>& connection);
  void send(const std::shared_ptr<Connection>& connection);
  void close(const std::shared_ptr<Connection>& connection);

  Loop& loop_;
  Descriptor listening_;
  Handler handler_;
  std::map<int, std::shared_ptr<Connection>> connections_;
};

}  // namespace sealring::agent
