// SPDX-License-Identifier: Apache-2.0
#include "control.h"

#include <vector>

#include "session/fields.h"

namespace sealring::agent {
namespace {

std::string text_of(const session::Fields& fields) {
  std::string text(fields.text_size(), '\0');
  fields.write(text.data());
  return text + "\n";
}

}  // namespace

std::expected<Request, std::string> read_request(Bytes line) {
  if (line.size() > kMaxRequestSize) return std::unexpected("it is too long");
  std::vector<std::uint8_t> text(line.begin(), line.end());
  session::Fields fields;
  if (!fields.parse(text)) return std::unexpected("it is not a text of fields");
  const std::string_view action = fields.value("do");
  if (action == "status" && fields.all().size() == 1) return StatusRequest{};
  const std::string_view ring = fields.value("ring");
  if (action == "publish" && fields.all().size() == 2 && !ring.empty()) {
    return PublishRequest{std::string(ring)};
  }
  return std::unexpected("there is no such request");
}

std::string write_request(const Request& request) {
  session::Fields fields;
  const auto set = [&fields](std::string_view name, std::string_view value) {
    // These are few and have names.
    [[maybe_unused]] const auto never_fails = fields.set(name, value);
  };
  const auto* const publish = std::get_if<PublishRequest>(&request);
  set("do", publish != nullptr ? "publish" : "status");
  if (publish != nullptr) set("ring", publish->ring);
  return text_of(fields);
}

}  // namespace sealring::agent
