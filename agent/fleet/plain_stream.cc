// SPDX-License-Identifier: Apache-2.0
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "fleet/stream.h"

namespace sealring::agent {
namespace {

class PlainStream final : public Stream {
 public:
  explicit PlainStream(int socket) : socket_(socket) {}

  Result read(MutableBytes to) override {
    return outcome(recv(socket_, to.data(), to.size(), 0), Outcome::wants_read, true);
  }
  Result write(Bytes bytes) override {
    return outcome(send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), Outcome::wants_write,
                   false);
  }
  std::string error() const override { return error_; }

 private:
  Result outcome(ssize_t count, Outcome wanted, bool may_end) {
    if (count > 0) return {Outcome::done, static_cast<std::size_t>(count)};
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return {wanted};
    error_ = count == 0 && may_end ? "the store has closed the connection" : std::strerror(errno);
    return {Outcome::ended};
  }

  int socket_;
  std::string error_;
};

}  // namespace

std::unique_ptr<Stream> plain_stream(int socket) {
  return std::make_unique<PlainStream>(socket);
}

}  // namespace sealring::agent
