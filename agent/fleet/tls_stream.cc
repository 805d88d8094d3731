// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "fleet/stream.h"

namespace sealring::agent {
namespace {

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Connection = std::unique_ptr<SSL, Freed<SSL_free>>;

std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return "unknown error";
  std::array<char, 256> text;
  ERR_error_string_n(code, text.data(), text.size());
  return text.data();
}

class TlsStream final : public Stream {
 public:
  explicit TlsStream(Connection connection) : connection_(std::move(connection)) {}

  Result read(MutableBytes to) override {
    std::size_t count = 0;
    ERR_clear_error();
    const int returned = SSL_read_ex(connection_.get(), to.data(), to.size(), &count);
    return outcome(returned, count);
  }
  Result write(Bytes bytes) override {
    std::size_t count = 0;
    ERR_clear_error();
    const int returned = SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &count);
    return outcome(returned, count);
  }
  std::string error() const override { return error_; }

 private:
  Result outcome(int returned, std::size_t count) {
    if (returned == 1) return {Outcome::done, count};
    switch (SSL_get_error(connection_.get(), returned)) {
      case SSL_ERROR_WANT_READ:
        return {Outcome::wants_read};
      case SSL_ERROR_WANT_WRITE:
        return {Outcome::wants_write};
      case SSL_ERROR_ZERO_RETURN:
        error_ = "the store has closed the connection";
        break;
      default: {
        const long verified = SSL_get_verify_result(connection_.get());
        const int code = errno;
        error_ = "TLS: ";
        if (verified != X509_V_OK) {
          error_ += std::string("the store's certificate is refused: ") +
                    X509_verify_cert_error_string(verified);
        } else if (ERR_peek_error() != 0) {
          error_ += last_error();
        } else {
          error_ += code != 0 ? std::strerror(code) : "the connection ended";
        }
      }
    }
    return {Outcome::ended};
  }

  Connection connection_;
  std::string error_;
};

std::unexpected<Problem> failed(const std::string& what) {
  return problem(Error::invalid_argument, "TLS: " + what + ": " + last_error());
}

}  // namespace

Explained<std::unique_ptr<Stream>> tls_stream(int socket, const TlsSettings& settings) {
  const Context context(SSL_CTX_new(TLS_client_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) {
    return failed("it cannot be set up");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const int loaded = settings.authorities.empty()
                         ? SSL_CTX_set_default_verify_paths(context.get())
                         : SSL_CTX_load_verify_file(context.get(), settings.authorities.c_str());
  if (loaded != 1) return failed("the authorities in \"" + settings.authorities + "\"");
  if (!settings.certificate.empty() &&
      (SSL_CTX_use_certificate_chain_file(context.get(), settings.certificate.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context.get(), settings.key.c_str(), SSL_FILETYPE_PEM) != 1)) {
    return failed("this machine's certificate \"" + settings.certificate + "\" or its key");
  }
  Connection connection(SSL_new(context.get()));
  // A name that is an address is compared with the addresses in the certificate.
  if (!connection || SSL_set_fd(connection.get(), socket) != 1)
    return failed("it cannot be set up");
  X509_VERIFY_PARAM* const checks = SSL_get0_param(connection.get());
  const bool is_address = X509_VERIFY_PARAM_set1_ip_asc(checks, settings.host.c_str()) == 1;
  ERR_clear_error();
  if (!is_address &&
      (SSL_set1_host(connection.get(), settings.host.c_str()) != 1 ||
       SSL_ctrl(connection.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                const_cast<char*>(settings.host.c_str())) != 1)) {
    return failed("the name \"" + settings.host + "\"");
  }
  SSL_set_connect_state(connection.get());
  return std::make_unique<TlsStream>(std::move(connection));
}

}  // namespace sealring::agent
