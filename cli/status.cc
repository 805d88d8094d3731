// SPDX-License-Identifier: Apache-2.0
// sealring status
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "agent_table.h"
#include "ask.h"
#include "clock.h"
#include "io.h"
#include "options.h"
#include "status_text.h"
#include "text.h"

namespace sealring::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxInput = std::size_t{16} << 20;

struct Options {
  std::string where;
  bool json = false;
};

std::string use_of(const json& key, std::int64_t now) {
  if (flag_in(key, "primary")) return "seals now";
  if (!flag_in(key, "in_keyring")) return "in no key ring any more";
  const std::string removal = text_in(key, "removal");
  if (removal == "closed") return "closed: it can go";
  const std::uint64_t last = number_in(key, "last_open");
  const std::uint64_t since = number_in(key, "counting_since");
  const bool is_counted = last != 0 || since != 0;
  const std::string opened =
      !is_counted ? "not counted by itself"
      : last != 0 ? "opened last " + utc_time_and_distance(last, now)
                  : "opened nothing since counting began " + utc_time_and_distance(since, now);
  if (removal == "needed") return "needed: " + opened;
  if (removal != "possible" || !is_counted) {
    return "not counted by itself: it is not known whether it can go";
  }
  return "can go if no token of it is older: " + opened;
}

std::string keys_text(const json& report, std::int64_t now) {
  std::vector<Row> rows = {
      {"key", "algorithm", "sealed/min", "/hour", "/day", "opened/min", "/hour", "/day", "use"}};
  for (const json& key : member(report, "keys")) {
    const json &sealed = member(key, "sealed"), &opened = member(key, "opened");
    const auto count = [](const json& of, const char* name) {
      return std::to_string(number_in(of, name));
    };
    const std::string kid = text_in(key, "kid");
    rows.push_back({kid.empty() ? "-" : kid, text_in(key, "alg"), count(sealed, "minute"),
                    count(sealed, "hour"), count(sealed, "day"), count(opened, "minute"),
                    count(opened, "hour"), count(opened, "day"), use_of(key, now)});
  }
  return layout(rows, [](std::size_t i) { return i >= 2 && i < 8; });
}

// Each counter that is not 0.
std::string counters_text(const json& report) {
  std::string text;
  for (const auto& [name, rows] : member(report, "counters").items()) {
    for (const json& row : rows) {
      if (number_in(row, "value") == 0) continue;
      text += "  " + printable(name);
      for (const auto& [label, value] : row.items()) {
        if (value.is_string()) text += " " + printable(label) + "=" + text_in(row, label.c_str());
      }
      text += ": " + std::to_string(number_in(row, "value")) + "\n";
    }
  }
  return text;
}

std::string server_text(const json& report) {
  const auto now = static_cast<std::int64_t>(number_in(report, "now"));
  std::string text = "sealring " + text_in(report, "version") + ", counting since " +
                     utc_time_and_distance(number_in(report, "counting_since"), now) + "\n\n" +
                     keys_text(report, now) + "\n" + counters_text(report) + "\n";
  for (const json& ring : member(report, "keyrings")) {
    const std::string primary = text_in(ring, "primary");
    text += text_in(ring, "keyring") + ": " + std::to_string(number_in(ring, "keys")) + " keys, " +
            (primary.empty() ? "NONE seals" : primary + " seals") + "\n";
  }
  for (const json& list : member(report, "revocation_lists")) {
    text += text_in(list, "list") + ": " + std::to_string(number_in(list, "entries")) +
            " entries, generation " + std::to_string(number_in(list, "generation")) +
            ", confirmed " + utc_time_and_distance(number_in(list, "confirmed_at"), now) +
            (flag_in(list, "stale") ? ", STALE" : "") + "\n";
  }
  return text;
}

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
  const json parsed = json::parse(*answer, nullptr, false);
  if (!parsed.is_object()) {
    return failed(
        "what came is not a status in JSON; does this location have session_status or "
        "sealring-status?");
  }
  if (options.json) {
    return print(parsed.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
  }
  // What a server or an agent says must not control the terminal.
  return print(
      printable_lines(parsed.contains("counters") ? server_text(parsed) : agent_text(parsed)));
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
