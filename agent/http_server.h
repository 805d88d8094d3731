// SPDX-License-Identifier: Apache-2.0
// Answers POST requests with a form, on one path. Connections and bodies are bounded, and it runs
// in the loop. libmicrohttpd speaks HTTP.
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

struct HttpAnswer {
  unsigned status;
  std::string json;  // may be empty
};

class HttpServer {
 public:
  // Gives a request its answer, at once or later; the client may have gone by then.
  using Answer = std::function<void(HttpAnswer)>;
  // Called with the body of each request.
  using Handler = std::function<void(const std::string& body, const Answer&)>;

  static Explained<std::unique_ptr<HttpServer>> start(Loop& loop, Descriptor listening,
                                                      std::string path, std::size_t max_body,
                                                      Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Sends the answers that are there, and says how long nothing else is due.
  Milliseconds tick();

 private:
  struct Request;
  struct Calls;  // what libmicrohttpd calls

  HttpServer(Loop& loop, Descriptor listening, std::string path, std::size_t max_body,
             Handler handler);
  void hand_over(const std::shared_ptr<Request>& request);

  Loop& loop_;
  Descriptor listening_;
  const std::string path_;
  const std::size_t max_body_;
  const Handler handler_;
  MHD_Daemon* daemon_ = nullptr;
  int events_ = -1;  // becomes readable when there is something to do
  std::map<const Request*, std::shared_ptr<Request>> requests_;
};

}  // namespace sealring::agent
