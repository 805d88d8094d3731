// SPDX-License-Identifier: Apache-2.0
// Answers requests for one path: GET, or POST with a form. Connections and bodies are bounded, and
// it runs in the loop. libmicrohttpd speaks HTTP.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/descriptor.h"
#include "base/error.h"
#include "loop.h"

struct MHD_Connection;
struct MHD_Daemon;

namespace sealring::agent {

inline constexpr unsigned kHttpOk = 200, kHttpBadRequest = 400;

struct HttpRequest {
  std::string body;
  std::string accept;  // its header of this name
};

struct HttpAnswer {
  unsigned status;
  std::string body;  // may be empty
  std::string type = "application/json";
};

class HttpServer {
 public:
  // Gives a request its answer, at once or later; the client may have gone by then.
  using Answer = std::function<void(HttpAnswer)>;
  using Handler = std::function<void(const HttpRequest&, const Answer&)>;

  struct Endpoint {
    std::string path;
    std::size_t max_body;  // 0: it is for GET, else for POST
    Handler handler;
  };

  static Explained<std::unique_ptr<HttpServer>> start(Loop& loop, Descriptor listening,
                                                      Endpoint endpoint);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Sends the answers that are there, and says how long nothing else is due.
  Milliseconds tick();

 private:
  struct Request;
  struct Calls;  // what libmicrohttpd calls

  HttpServer(Loop& loop, Descriptor listening, Endpoint endpoint);
  void hand_over(const std::shared_ptr<Request>& request);

  Loop& loop_;
  Descriptor listening_;
  const Endpoint endpoint_;
  MHD_Daemon* daemon_ = nullptr;
  int events_ = -1;  // becomes readable when there is something to do
  std::map<const Request*, std::shared_ptr<Request>> requests_;
};

}  // namespace sealring::agent
