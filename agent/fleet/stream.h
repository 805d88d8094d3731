// SPDX-License-Identifier: Apache-2.0
// Bytes to and from the store, over a socket that does not block, in the clear or by TLS.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/error.h"

namespace sealring::agent {

class Stream {
 public:
  enum class Outcome { done, wants_read, wants_write, ended };

  struct Result {
    Outcome outcome;
    std::size_t size = 0;  // of what was read or written, if it is done
  };

  virtual ~Stream() = default;
  virtual Result read(MutableBytes to) = 0;
  virtual Result write(Bytes bytes) = 0;
  // Why it has ended.
  virtual std::string error() const = 0;
};

std::unique_ptr<Stream> plain_stream(int socket);

struct TlsSettings {
  std::string host;              // that the certificate has to name
  std::string authorities;       // a file of certificates; "": those of the system
  std::string certificate, key;  // this machine's own, or ""
};

Explained<std::unique_ptr<Stream>> tls_stream(int socket, const TlsSettings& settings);

}  // namespace sealring::agent
