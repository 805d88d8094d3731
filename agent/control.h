// SPDX-License-Identifier: Apache-2.0
// The control socket's protocol. A request is a line, a text of fields (spec/session.md section 1);
// its answer is a line of JSON. Answers come in the order of the requests, of which a client may
// send many before it reads.
#pragma once

#include <expected>
#include <string>
#include <variant>

#include "base/bytes.h"

namespace sealring::agent {

inline constexpr std::size_t kMaxRequestSize = 65'536;

struct StatusRequest {};

struct PublishRequest {
  std::string ring;  // its path
};

using Request = std::variant<StatusRequest, PublishRequest>;

// Or what is wrong with it.
std::expected<Request, std::string> read_request(Bytes line);

// With the line end.
std::string write_request(const Request& request);

}  // namespace sealring::agent
