// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/duration.h"
#include "sockets.h"

namespace sealring::agent {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxAnswerSize = std::size_t{64} << 20;

void say(const std::string& message) {
  std::cerr << "sealring-agent: " << message << "\n";
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

std::string count(const json& of, const char* name) {
  return std::string(name) + " " + std::to_string(of.value(name, std::uint64_t{0}));
}

std::string ago(const json& of) {
  return cli::format_duration(of.value("age", std::uint64_t{0})) + " ago";
}

std::string list_text(const json& list) {
  std::string text = list.value("path", "") + "\n";
  if (list.contains("generation")) {
    text += "  " + count(list, "generation") + ", " + count(list, "entries") + ", written " +
            ago(list) + ", " + count(list, "waiting") + "\n";
  }
  if (list.contains("in_touch")) {
    text += list.value("in_touch", false) ? "  in touch, " : "  NOT in touch with the store, ";
    text += count(list, "unsent") + "\n";
  }
  for (const char* const problem : {"problem", "store_problem"}) {
    if (list.contains(problem)) text += "  PROBLEM: " + list.value(problem, "") + "\n";
  }
  return text;
}

std::string node_text(const json& node) {
  std::string text = node.value("name", "");
  text.resize(std::max<std::size_t>(16, text.size() + 1), ' ');
  text += (node.value("missing", true) ? "MISSING, last seen " : "") + ago(node) + ", version " +
          node.value("version", "");
  const json lists = node.value("lists", json::object());
  for (const auto& [name, list] : lists.items()) {
    text += ", " + name + ": " + count(list, "generation") + ", " + count(list, "entries") + ", " +
            count(list, "unsent");
  }
  return text + "\n";
}

std::string logout_text(const json& logouts) {
  std::string text = "back-channel logout: " + count(logouts, "accepted") + ", " +
                     count(logouts, "refused") + ", " + count(logouts, "keys") + "\n";
  if (logouts.contains("problem")) text += "  PROBLEM: " + logouts.value("problem", "") + "\n";
  return text;
}

std::string status_text(const json& status) {
  std::string text;
  for (const json& list : status.value("lists", json::array())) text += list_text(list);
  if (status.contains("backchannel_logout")) text += logout_text(status["backchannel_logout"]);
  if (!status.contains("store")) return text;
  const json& store = status["store"];
  text +=
      "store " + store.value("address", "") + ": " +
      (store.value("up", false) ? "connected" : "NOT connected: " + store.value("problem", "")) +
      "\n";
  for (const json& node : status.value("nodes", json::array())) text += node_text(node);
  return text;
}

}  // namespace

int print_status(const std::string& control, bool as_json) {
  const auto answer = ask(control, StatusRequest{});
  if (!answer) {
    say(answer.error().message);
    return kFailed;
  }
  const std::string text = as_json ? answer->dump() + "\n" : status_text(*answer);
  std::cout << text << std::flush;
  if (!std::cout) return kFailed;
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
