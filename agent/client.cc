// SPDX-License-Identifier: Apache-2.0
#include "client.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/agent_table.h"
#include "cli/status_text.h"
#include "cli/text.h"
#include "loop.h"
#include "sockets.h"

namespace sealring::agent {
namespace {

using nlohmann::json;

constexpr Milliseconds kBetweenLooks{300};
constexpr std::size_t kMaxAnswerSize = std::size_t{64} << 20;

// What the agent, the store or other machines wrote must not control the terminal.
void say(const std::string& message) {
  std::cerr << cli::printable_lines("sealring-agent: " + message);
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
  auto parsed = cli::read_answer(answer);
  if (!parsed) return lost(control, "does not answer as an agent does, or not to the end");
  return *std::move(parsed);
}

// Those that have followed this ring and do not have this generation of it. `count` is of all.
std::vector<json> nodes_without(const json& status, const std::string& name,
                                std::uint64_t generation, std::size_t& count) {
  std::vector<json> without;
  for (const json& node : status.value("nodes", json::array())) {
    const json rings = node.value("rings", json::object());
    const auto ring = rings.find(name);
    if (ring == rings.end()) continue;
    ++count;
    if (ring->value("generation", std::uint64_t{0}) < generation) without.push_back(node);
  }
  return without;
}

}  // namespace

int print_status(const std::string& control, bool as_json) {
  const auto answer = ask(control, StatusRequest{});
  if (!answer) {
    say(answer.error().message);
    return kFailed;
  }
  std::cout << (as_json ? answer->dump() + "\n" : cli::agent_text(*answer)) << std::flush;
  if (!std::cout) {
    say(std::string("cannot write to standard output: ") + std::strerror(errno));
    return kFailed;
  }
  return answer->value("good", false) ? kGood : kNotGood;
}

int publish(const std::string& control, const std::string& ring, std::int64_t patience) {
  const auto answer = ask(control, PublishRequest{ring});
  if (!answer) {
    say(answer.error().message);
    return kFailed;
  }
  if (const std::string wrong = answer->value("error", ""); !wrong.empty()) {
    say(cli::printable(wrong));
    return kFailed;
  }
  const auto generation = answer->value("generation", std::uint64_t{0});
  const std::string name = std::filesystem::path(ring).filename();
  for (const Milliseconds end = monotonic_now() + std::chrono::seconds(patience);;) {
    const auto status = ask(control, StatusRequest{});
    if (!status) {
      say(status.error().message);
      return kFailed;
    }
    std::size_t count = 0;
    const auto without = nodes_without(*status, name, generation, count);
    if (count != 0 && without.empty()) {
      std::cout << "All nodes that follow this ring have generation " << generation << ": " << count
                << ".\n";
      return kGood;
    }
    if (monotonic_now() >= end) {
      say("generation " + std::to_string(generation) + " is published, but not known to be on: " +
          (count == 0 ? "any node, because the store does not answer\n"
                      : "\n" + cli::nodes_text(without, status->value("store", json::object()))) +
          "Before the new key seals, see to it that they get it, and run this again.");
      return kNotGood;
    }
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

}  // namespace sealring::agent
