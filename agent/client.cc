// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "cli/duration.h"
#include "sockets.h"

namespace sealring::agent {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxAnswerSize = std::size_t{64} << 20;

void say(const std::string& message) {
  std::fprintf(stderr, "sealring-agent: %s\n", message.c_str());
}

std::unexpected<Problem> lost(const std::string& control, const std::string& what) {
  return problem(Error::write_failed, "the agent at \"" + control + "\" " + what);
}

Explained<json> ask(const std::string& control, const Request& request) {
  auto connection = connect_to(control);
  if (!connection) {
    return problem(Error::write_failed,
                   connection.error().message +
                       "; is the agent running? See: systemctl status sealring-agent");
  }
  const std::string text = write_request(request);
  if (send(connection->get(), text.data(), text.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(text.size()) ||
      shutdown(connection->get(), SHUT_WR) != 0) {
    return lost(control, std::string("cannot be asked: ") + std::strerror(errno));
  }
  std::string answer;
  for (;;) {
    char buffer[16'384];
    const ssize_t count = recv(connection->get(), buffer, sizeof(buffer), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return lost(control, std::string("does not answer: ") + std::strerror(errno));
    if (count == 0) break;
    answer.append(buffer, static_cast<std::size_t>(count));
    if (answer.size() > kMaxAnswerSize) return lost(control, "answers too much");
  }
  json parsed = json::parse(answer, nullptr, false);
  if (!parsed.is_object()) return lost(control, "ended before it answered");
  return parsed;
}

void print_list(const json& list) {
  const auto number = [&list](const char* name) { return list.value(name, std::uint64_t{0}); };
  std::printf("%s\n  generation %llu, entries %llu, written %s ago, waiting %llu\n",
              list.value("path", "").c_str(), static_cast<unsigned long long>(number("generation")),
              static_cast<unsigned long long>(number("entries")),
              cli::format_duration(number("age")).c_str(),
              static_cast<unsigned long long>(number("waiting")));
  if (const std::string wrong = list.value("problem", ""); !wrong.empty()) {
    std::printf("  PROBLEM: %s\n", wrong.c_str());
  }
}

}  // namespace

int print_status(const std::string& control, bool as_json) {
  const auto answer = ask(control, StatusRequest{});
  if (!answer) {
    say(answer.error().message);
    return kFailed;
  }
  if (as_json) {
    std::printf("%s\n", answer->dump().c_str());
  } else {
    for (const json& list : answer->value("lists", json::array())) print_list(list);
  }
  if (std::fflush(stdout) != 0) return kFailed;
  return answer->value("good", false) ? kGood : kNotGood;
}

int revoke(const std::string& control, const RevokeRequest& request) {
  const auto answer = ask(control, request);
  if (!answer) {
    say(answer.error().message);
    return kFailed;
  }
  if (const std::string wrong = answer->value("error", ""); !wrong.empty()) {
    say(wrong);
    return kFailed;
  }
  return kGood;
}

}  // namespace sealring::agent
