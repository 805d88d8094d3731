// SPDX-License-Identifier: Apache-2.0
// sealring status
#include <memory>
#include <nlohmann/json.hpp>

#include "agent_table.h"
#include "ask.h"
#include "io.h"
#include "json_line.h"
#include "options.h"
#include "server_table.h"
#include "status_text.h"

namespace sealring::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxInput = std::size_t{16} << 20;

struct Options {
  std::string where;
  bool json = false;
};

Outcome<std::string> ask(const std::string& where) {
  if (where == "-") {
    const auto input = read_stdin("the status as JSON", kMaxInput);
    if (!input) return std::unexpected(input.error());
    return std::string(as_text(*input));
  }
  if (where.find("://") != std::string::npos) return ask_server(where);
  return ask_agent(where);
}

Outcome<void> status(const Options& options) {
  const auto answer = ask(options.where);
  if (!answer) return std::unexpected(answer.error());
  const auto parsed = read_answer(*answer);
  if (!parsed) {
    return failed(
        "what came is not a status in JSON; does this location have session_status or "
        "sealring-status?");
  }
  if (options.json) return print(json_line(*parsed));
  return print(parsed->contains("counters") ? server_text(*parsed) : agent_text(*parsed));
}

}  // namespace

void add_status_command(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      add_command(app, "status",
                  "Show what a server counted, at the location that has session_status in nginx or "
                  "sealring-status in httpd, or how an agent is.",
                  "Examples:\n"
                  "  sealring status http://127.0.0.1/sealring-status\n"
                  "  sealring status /run/sealring/control.sock\n"
                  "  curl -s https://shop.example/sealring-status.json | sealring status -");
  command
      .add_option(
          "WHERE", options->where,
          "a URL that begins with http://, the path of an agent's control socket, or -: JSON "
          "on standard input")
      ->required()
      ->type_name("");
  add_json_flag(command, options->json);
  command.callback([options, &chosen] { chosen = [options] { return status(*options); }; });
}

}  // namespace sealring::cli
