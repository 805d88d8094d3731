// SPDX-License-Identifier: Apache-2.0
#include "http_server.h"

#include <microhttpd.h>
#include <strings.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "decimal.h"

namespace sealring::agent {
namespace {

constexpr unsigned kMaxConnections = 64;
constexpr unsigned kTimeout = 10;  // seconds in which a client sends nothing
constexpr std::size_t kMaxHeaders = 16'384;
constexpr Milliseconds kIdle{1000};
constexpr unsigned kTooLarge = 413;  // older releases of the library have no name for it
constexpr int kLastTurns = 4;        // to send what is there before it ends

constexpr std::string_view kForm = "application/x-www-form-urlencoded";

bool is_form(const char* type) {
  if (type == nullptr || strncasecmp(type, kForm.data(), kForm.size()) != 0) return false;
  const char after = type[kForm.size()];
  return after == '\0' || after == ';' || after == ' ' || after == '\t';
}

bool is_longer(const char* content_length, std::size_t most) {
  if (content_length == nullptr) return false;
  const auto size = read_decimal<std::size_t>(content_length);
  return !size || *size > most;
}

MHD_Result send(MHD_Connection* connection, const HttpAnswer& answer, const char* method) {
  const std::string& text = answer.body;
  const std::unique_ptr<MHD_Response, decltype(&MHD_destroy_response)> response(
      // The library copies it and writes nothing to it.
      MHD_create_response_from_buffer(text.size(), const_cast<char*>(text.data()),
                                      MHD_RESPMEM_MUST_COPY),
      &MHD_destroy_response);
  if (response == nullptr) return MHD_NO;
  const auto add = [&response](const char* name, const char* value) {
    return MHD_add_response_header(response.get(), name, value) == MHD_YES;
  };
  const bool added =
      add(MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") &&
      (text.empty() || add(MHD_HTTP_HEADER_CONTENT_TYPE, answer.type.c_str())) &&
      (answer.status != MHD_HTTP_METHOD_NOT_ALLOWED || add(MHD_HTTP_HEADER_ALLOW, method));
  return added ? MHD_queue_response(connection, answer.status, response.get()) : MHD_NO;
}

}  // namespace

struct HttpServer::Request {
  MHD_Connection* connection = nullptr;
  HttpRequest content;
  std::optional<HttpAnswer> answer;
  bool is_handed_over = false, is_suspended = false;
};

struct HttpServer::Calls {
  static const char* header(MHD_Connection* connection, const char* name) {
    return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  }

  static const char* method_of(const HttpServer& server) {
    return server.endpoint_.max_body == 0 ? MHD_HTTP_METHOD_GET : MHD_HTTP_METHOD_POST;
  }

  // What is wrong with it before its body is looked at.
  static std::optional<unsigned> refusal(const HttpServer& server, MHD_Connection* connection,
                                         std::string_view path, std::string_view method) {
    if (path != server.endpoint_.path) return MHD_HTTP_NOT_FOUND;
    if (method != method_of(server)) return MHD_HTTP_METHOD_NOT_ALLOWED;
    if (server.endpoint_.max_body != 0 &&
        !is_form(header(connection, MHD_HTTP_HEADER_CONTENT_TYPE))) {
      return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
    }
    return std::nullopt;
  }

  // Called with the header, with each part of the body, and at its end; after a wait, once more.
  static MHD_Result take(HttpServer& server, MHD_Connection* connection, const char* path,
                         const char* method, std::string_view part, std::size_t* left,
                         void** state) {
    if (*state == nullptr) {
      if (is_longer(header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH),
                    server.endpoint_.max_body)) {
        return send(connection, {kTooLarge, ""}, method_of(server));
      }
      const auto request = std::make_shared<Request>();
      request->connection = connection;
      if (const char* const accept = header(connection, MHD_HTTP_HEADER_ACCEPT)) {
        request->content.accept = accept;
      }
      // It is sent after the body: a client that is still writing would not read it.
      if (const auto refused = refusal(server, connection, path, method)) {
        request->answer = HttpAnswer{*refused, ""};
      }
      server.requests_[request.get()] = request;
      *state = request.get();
      return MHD_YES;
    }
    const auto found = server.requests_.find(static_cast<const Request*>(*state));
    if (found == server.requests_.end()) return MHD_NO;
    const std::shared_ptr<Request> request = found->second;
    if (!part.empty()) {
      // Of a body that did not say its size. The connection is closed.
      if (request->content.body.size() + part.size() > server.endpoint_.max_body) return MHD_NO;
      request->content.body += part;
      *left = 0;
      return MHD_YES;
    }
    if (!request->answer && !request->is_handed_over) server.hand_over(request);
    const std::optional<HttpAnswer>& answer = request->answer;
    return answer ? send(connection, *answer, method_of(server)) : MHD_YES;
  }

  static MHD_Result on_request(void* server, MHD_Connection* connection, const char* path,
                               const char* method, const char* /*version*/, const char* part,
                               std::size_t* size, void** state) {
    try {
      return take(*static_cast<HttpServer*>(server), connection, path, method, {part, *size}, size,
                  state);
    } catch (...) {  // no memory: the connection is closed
      return MHD_NO;
    }
  }

  static void on_end(void* server, MHD_Connection* /*connection*/, void** state,
                     MHD_RequestTerminationCode /*code*/) {
    static_cast<HttpServer*>(server)->requests_.erase(static_cast<const Request*>(*state));
    *state = nullptr;
  }
};

Explained<std::unique_ptr<HttpServer>> HttpServer::start(Loop& loop, Descriptor listening,
                                                         Endpoint endpoint) {
  std::unique_ptr<HttpServer> server(
      new HttpServer(loop, std::move(listening), std::move(endpoint)));
  server->daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, nullptr, nullptr, &Calls::on_request,
      server.get(), MHD_OPTION_LISTEN_SOCKET, server->listening_.get(), MHD_OPTION_CONNECTION_LIMIT,
      kMaxConnections, MHD_OPTION_CONNECTION_TIMEOUT, kTimeout, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
      kMaxHeaders, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_NOTIFY_COMPLETED, &Calls::on_end,
      server.get(), MHD_OPTION_END);
  const MHD_DaemonInfo* const info =
      server->daemon_ == nullptr ? nullptr
                                 : MHD_get_daemon_info(server->daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  if (info == nullptr) return problem(Error::write_failed, "the HTTP server cannot be started");
  server->events_ = info->epoll_fd;
  loop.watch(server->events_, POLLIN, [raw = server.get()](short) { MHD_run(raw->daemon_); });
  return server;
}

HttpServer::HttpServer(Loop& loop, Descriptor listening, Endpoint endpoint)
    : loop_(loop), listening_(std::move(listening)), endpoint_(std::move(endpoint)) {}

HttpServer::~HttpServer() {
  if (daemon_ == nullptr) return;
  if (events_ >= 0) loop_.forget(events_);
  MHD_quiesce_daemon(daemon_);  // listening_ stays open until this object is gone
  for (const auto& [raw, request] : requests_) {
    // What has no answer by now gets none, and its client sees the connection end.
    if (request->is_suspended) MHD_resume_connection(request->connection);
  }
  for (int i = 0; i < kLastTurns; ++i) MHD_run(daemon_);
  MHD_stop_daemon(daemon_);
}

// The connection waits until there is an answer.
void HttpServer::hand_over(const std::shared_ptr<Request>& request) {
  request->is_handed_over = true;
  endpoint_.handler(request->content, [still = std::weak_ptr(request)](HttpAnswer answer) {
    const auto waiting = still.lock();
    if (!waiting || waiting->answer) return;
    waiting->answer = std::move(answer);
    if (waiting->is_suspended) {
      waiting->is_suspended = false;
      MHD_resume_connection(waiting->connection);
    }
  });
  if (request->answer) return;
  request->is_suspended = true;
  MHD_suspend_connection(request->connection);
}

Milliseconds HttpServer::tick() {
  MHD_run(daemon_);
  MHD_UNSIGNED_LONG_LONG due = 0;
  if (MHD_get_timeout(daemon_, &due) != MHD_YES) return kIdle;
  return std::min(kIdle,
                  Milliseconds(static_cast<std::int64_t>(std::min<std::uint64_t>(due, 1000))));
}

}  // namespace sealring::agent
