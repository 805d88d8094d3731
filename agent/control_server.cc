// SPDX-License-Identifier: Apache-2.0
#include "control_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <optional>

namespace sealring::agent {
namespace {

constexpr std::size_t kMaxConnections = 64;
// A client that sends more at once waits until some of these have their answers.
constexpr std::size_t kMaxWaiting = 1024;
constexpr std::size_t kMaxUnsent = std::size_t{1} << 20;

}  // namespace

struct ControlServer::Connection {
  explicit Connection(Descriptor accepted) : socket(std::move(accepted)) {}

  Descriptor socket;
  std::string in, out;
  bool ended = false;  // the client sends nothing more
  // The answers to its requests, in their order.
  std::deque<std::shared_ptr<std::optional<std::string>>> answers;
  bool is_working = false;

  bool is_full() const { return answers.size() >= kMaxWaiting || out.size() >= kMaxUnsent; }
  bool can_read() const { return !ended && !is_full(); }
  bool has_request() const { return in.find('\n') != std::string::npos; }
};

ControlServer::ControlServer(Loop& loop, Descriptor listening, Handler handler)
    : loop_(loop), listening_(std::move(listening)), handler_(std::move(handler)) {
  loop_.watch(listening_.get(), POLLIN, [this](short) { accept_all(); });
}

ControlServer::~ControlServer() {
  loop_.forget(listening_.get());
  for (const auto& [descriptor, connection] : connections_) loop_.forget(descriptor);
}

void ControlServer::accept_all() {
  for (;;) {
    Descriptor accepted(accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted.is_open()) return;
    if (connections_.size() >= kMaxConnections) continue;
    const int descriptor = accepted.get();
    auto connection = std::make_shared<Connection>(std::move(accepted));
    connections_[descriptor] = connection;
    loop_.watch(descriptor, POLLIN,
                [this, connection](short events) { handle(connection, events); });
  }
}

void ControlServer::handle(const std::shared_ptr<Connection>& connection, short events) {
  if ((events & (POLLERR | POLLNVAL)) != 0) return close(connection);
  if (connection->can_read()) {
    std::array<char, 16'384> buffer;
    const ssize_t count = recv(connection->socket.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return close(connection);
    if (count == 0) connection->ended = true;
    if (count > 0) connection->in.append(buffer.data(), static_cast<std::size_t>(count));
  }
  work(connection);
  // Nobody is left to read the answers.
  if ((events & POLLHUP) != 0 && !connection->can_read()) close(connection);
}

void ControlServer::work(const std::shared_ptr<Connection>& connection) {
  // An answer that comes at once calls this again.
  if (connection->is_working) return;
  connection->is_working = true;
  do {
    read_requests(connection);
    send(connection);
  } while (connection->has_request() && !connection->is_full());
  connection->is_working = false;
}

void ControlServer::read_requests(const std::shared_ptr<Connection>& connection) {
  const std::string_view in = connection->in;
  std::size_t begin = 0;
  while (!connection->is_full()) {
    const std::size_t end = std::min(in.find('\n', begin), in.size());
    const bool too_long = end - begin > kMaxRequestSize;
    if (end == in.size() && !too_long) break;
    auto answer = std::make_shared<std::optional<std::string>>();
    connection->answers.push_back(answer);
    const auto line = as_bytes(in.substr(begin, end - begin));
    begin = std::min(end + 1, in.size());
    if (too_long) {
      // There is no telling where the next request begins.
      begin = in.size();
      connection->ended = true;
    }
    handler_(read_request(line),
             [this, answer, client = std::weak_ptr(connection)](const std::string& json) {
               *answer = json;
               if (const auto still = client.lock()) work(still);
             });
  }
  connection->in.erase(0, begin);
}

void ControlServer::send(const std::shared_ptr<Connection>& connection) {
  auto& answers = connection->answers;
  while (!answers.empty()) {
    const std::optional<std::string>& answer = *answers.front();
    if (!answer) break;
    connection->out += *answer + "\n";
    answers.pop_front();
  }
  std::string& out = connection->out;
  while (!out.empty()) {
    const ssize_t count = ::send(connection->socket.get(), out.data(), out.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) return close(connection);
    out.erase(0, static_cast<std::size_t>(count));
  }
  if (connection->ended && answers.empty() && out.empty()) return close(connection);
  const bool reads = connection->can_read();
  loop_.change(connection->socket.get(),
               static_cast<short>((reads ? POLLIN : 0) | (out.empty() ? 0 : POLLOUT)));
}

void ControlServer::close(const std::shared_ptr<Connection>& connection) {
  const int descriptor = connection->socket.get();
  loop_.forget(descriptor);
  connection->in.clear();
  connections_.erase(descriptor);
}

}  // namespace sealring::agent
