// SPDX-License-Identifier: Apache-2.0
#include "control.h"

#include <algorithm>
#include <array>
#include <vector>

#include "datagram.h"
#include "session/fields.h"

namespace sealring::agent {
namespace {

bool has_only(const session::Fields& fields, std::span<const std::string_view> names) {
  return std::ranges::all_of(fields.all(), [names](const session::Field& field) {
    return std::ranges::any_of(names,
                               [&](auto name) { return session::same_name(name, field.name); });
  });
}

std::expected<Request, std::string> read_revocation(const session::Fields& fields) {
  constexpr std::array<std::string_view, 6> kKnown = {"do",    "list",       "name",
                                                      "value", "revoked_at", "until"};
  RevokeRequest request;
  request.list = fields.value("list");
  request.name = fields.value("name");
  request.value = fields.value("value");
  const std::string_view revoked_at = fields.value("revoked_at");
  if (!revoked_at.empty()) request.revoked_at = read_time(revoked_at);
  const auto until = read_time(fields.value("until"));
  if (!has_only(fields, kKnown)) return std::unexpected("it has a field that revoke does not know");
  if (request.list.empty()) return std::unexpected("\"list\" is missing");
  if (request.name.size() > revocation::kMaxNameSize) {
    return std::unexpected("\"name\" is too long");
  }
  if (request.name.empty() != request.value.empty()) {
    return std::unexpected("\"name\" and \"value\" belong together");
  }
  if (!until || (!revoked_at.empty() && !request.revoked_at)) {
    return std::unexpected("\"until\" or \"revoked_at\" is not a time");
  }
  request.until = *until;
  return request;
}

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
  if (action == "revoke") return read_revocation(fields);
  return std::unexpected("there is no such request");
}

std::string write_request(const Request& request) {
  session::Fields fields;
  const auto set = [&fields](std::string_view name, std::string_view value) {
    // These are few and have names.
    [[maybe_unused]] const auto never_fails = fields.set(name, value);
  };
  const auto* revoke = std::get_if<RevokeRequest>(&request);
  set("do", revoke != nullptr ? "revoke" : "status");
  if (revoke == nullptr) return text_of(fields);
  const std::string until = std::to_string(revoke->until);
  const std::string revoked_at = revoke->revoked_at ? std::to_string(*revoke->revoked_at) : "";
  set("list", revoke->list);
  set("name", revoke->name);
  set("value", revoke->value);
  set("revoked_at", revoked_at);
  set("until", until);
  return text_of(fields);
}

}  // namespace sealring::agent
