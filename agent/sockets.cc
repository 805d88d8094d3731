// SPDX-License-Identifier: Apache-2.0
#include "sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <optional>

namespace sealring::agent {
namespace {

constexpr int kFirstPassed = 3;  // SD_LISTEN_FDS_START
constexpr int kBacklog = 64;

std::unexpected<Problem> failed(const std::string& path, const std::string& what) {
  return problem(Error::write_failed, "socket \"" + path + "\": " + what);
}

std::unexpected<Problem> failed(const std::string& path, const char* step, int code) {
  return failed(path, std::string(step) + ": " + std::strerror(code));
}

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

const sockaddr* plain(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

int type_of(Kind kind) {
  return kind == Kind::datagram ? SOCK_DGRAM : SOCK_STREAM;
}

std::optional<long> number_in(const char* variable) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  long number = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), number);
  if (error != std::errc{} || *end != '\0') return std::nullopt;
  return number;
}

bool is_at(int descriptor, const std::string& path, Kind kind) {
  sockaddr_un address{};
  socklen_t size = sizeof(address) - 1;
  int type = 0;
  socklen_t type_size = sizeof(type);
  return getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
         address.sun_family == AF_UNIX && path == address.sun_path &&
         getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &type_size) == 0 &&
         type == type_of(kind);
}

// A socket that systemd opened for this process.
Descriptor passed(const std::string& path, Kind kind) {
  if (number_in("LISTEN_PID") != getpid()) return Descriptor(-1);
  const long count = number_in("LISTEN_FDS").value_or(0);
  for (int i = kFirstPassed; i < kFirstPassed + count; ++i) {
    if (!is_at(i, path, kind)) continue;
    if (fcntl(i, F_SETFD, FD_CLOEXEC) != 0 || fcntl(i, F_SETFL, O_NONBLOCK) != 0) break;
    return Descriptor(i);
  }
  return Descriptor(-1);
}

// Whether a process listens there. One that has left its socket behind does not.
bool is_in_use(const sockaddr_un& address, Kind kind) {
  const Descriptor probe(socket(AF_UNIX, type_of(kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return probe.is_open() &&
         (connect(probe.get(), plain(address), sizeof(address)) == 0 || errno == EAGAIN);
}

}  // namespace

Explained<Descriptor> listen_at(const std::string& path, Kind kind, mode_t mode) {
  if (Descriptor given = passed(path, kind); given.is_open()) return given;
  const auto address = address_of(path);
  if (!address) return failed(path, "its path is empty or longer than 107 bytes");
  if (is_in_use(*address, kind)) return failed(path, "another process listens there");
  struct stat there{};
  if (lstat(path.c_str(), &there) == 0) {
    if (!S_ISSOCK(there.st_mode)) return failed(path, "a file of that name is in the way");
    if (unlink(path.c_str()) != 0) return failed(path, "removing the old one", errno);
  }
  Descriptor made(socket(AF_UNIX, type_of(kind) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!made.is_open()) return failed(path, "making it", errno);
  // By the umask, so that it never has another mode.
  const mode_t umask_before = umask(static_cast<mode_t>(0777 & ~mode));
  const int bound = bind(made.get(), plain(*address), sizeof(*address));
  const int code = errno;
  umask(umask_before);
  if (bound != 0) return failed(path, "binding it", code);
  if (kind == Kind::stream && listen(made.get(), kBacklog) != 0) {
    return failed(path, "listening", errno);
  }
  return made;
}

Explained<Descriptor> connect_to(const std::string& path) {
  const auto address = address_of(path);
  if (!address) return failed(path, "its path is empty or longer than 107 bytes");
  Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!made.is_open()) return failed(path, "making it", errno);
  if (connect(made.get(), plain(*address), sizeof(*address)) != 0) {
    return failed(path, "connecting", errno);
  }
  return made;
}

void notify_systemd(const std::string& state) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  if (path == nullptr) return;
  auto address = address_of(path);
  if (!address) return;
  // A name that begins with "@" has no file.
  if (address->sun_path[0] == '@') address->sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + std::strlen(path));
  const Descriptor made(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!made.is_open()) return;
  // If it fails, systemd sees that nothing came.
  static_cast<void>(
      sendto(made.get(), state.data(), state.size(), MSG_NOSIGNAL, plain(*address), size));
}

}  // namespace sealring::agent
