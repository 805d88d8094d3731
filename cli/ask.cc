// SPDX-License-Identifier: Apache-2.0
#include "ask.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/descriptor.h"

namespace sealring::cli {
namespace {

constexpr std::size_t kMaxAnswer = std::size_t{16} << 20;
constexpr time_t kPatience = 10;  // seconds that each step may take

std::string reason() {
  return std::strerror(errno);
}

void limit_time(const Descriptor& socket) {
  const timeval patience{kPatience, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
}

Outcome<std::string> exchange(const Descriptor& socket, std::string_view request,
                              const std::string& whom) {
  if (send(socket.get(), request.data(), request.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(request.size()) ||
      shutdown(socket.get(), SHUT_WR) != 0) {
    return failed(whom + " cannot be asked: " + reason());
  }
  std::string answer;
  for (;;) {
    std::array<char, 16384> buffer;
    const ssize_t count = recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(whom + " does not answer: " + reason());
    if (count == 0) return answer;
    answer.append(buffer.data(), static_cast<std::size_t>(count));
    if (answer.size() > kMaxAnswer) return failed(whom + " answers with too much");
  }
}

Outcome<Descriptor> connect_to(const std::string& host, const std::string& port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return failed("there is no address of " + host + ": " + gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, &freeaddrinfo);
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    Descriptor socket(::socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) continue;
    limit_time(socket);
    if (connect(socket.get(), address->ai_addr, address->ai_addrlen) == 0) return socket;
  }
  return failed("cannot connect to " + host + ", port " + port + ": " + reason());
}

}  // namespace

// In HTTP 1.0, so that the answer ends with the connection.
Outcome<std::string> ask_server(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return wrong_use("\"" + url +
                     "\" does not begin with http://; for others: curl -s -H "
                     "'Accept: application/json' URL | sealring status -");
  }
  const std::string rest = url.substr(kScheme.size());
  const std::string authority = rest.substr(0, rest.find('/'));
  const std::string path = authority.size() < rest.size() ? rest.substr(authority.size()) : "/";
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  const std::string port = colon == std::string::npos ? "80" : authority.substr(colon + 1);
  std::string host = authority.substr(0, colon);
  if (bracket != std::string::npos) host = host.substr(1, bracket - 1);
  const auto socket = connect_to(host, port);
  if (!socket) return std::unexpected(socket.error());
  const auto answer = exchange(
      *socket,
      "GET " + path + " HTTP/1.0\r\nHost: " + authority + "\r\nAccept: application/json\r\n\r\n",
      url);
  if (!answer) return answer;
  const std::size_t end = answer->find("\r\n\r\n");
  if (!answer->starts_with("HTTP/1.") || end == std::string::npos) {
    return failed(url + " does not answer in HTTP");
  }
  if (const std::string status = answer->substr(9, 3); status != "200") {
    return failed(url + " answers with status " + status +
                  (status == "403" ? ": may this address look? See docs/monitoring.md" : ""));
  }
  return answer->substr(end + 4);
}

Outcome<std::string> ask_agent(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path))
    return wrong_use("the path is too long for a socket");
  std::memcpy(address.sun_path, path.data(), path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return failed("there is no socket: " + reason());
  limit_time(socket);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    return failed("the agent at \"" + path + "\" cannot be reached: " + reason() +
                  "; is it running? See: systemctl status sealring-agent");
  }
  return exchange(socket, "do=status\n", "the agent at \"" + path + "\"");
}

}  // namespace sealring::cli
