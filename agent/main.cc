// SPDX-License-Identifier: Apache-2.0
// The command line of the agent.
#include <functional>
#include <iostream>
#include <new>

#include "cli/help.h"
#include "client.h"
#include "daemon.h"
#include "datagram.h"
#include "log.h"
#include "settings.h"

namespace sealring::agent {
namespace {

using Command = std::function<int()>;

constexpr const char* kDescription =
    "Keeps revocation lists: it adds the logouts of the servers on this machine, and keeps the "
    "lists of several machines equal.";

constexpr const char* kFooter =
    "Exit status: 0 done, and all is good; 1 something is not good, as status says;\n"
    "2 wrong use; 3 a fault of this machine, a file, or the agent does not answer.\n\n"
    "More: sealring-agent COMMAND --help, and the manual: man sealring-agent";

int wrong_use(const CLI::App& command, const std::string& what) {
  const std::string name = command.get_parent() == nullptr ? "" : " " + command.get_name();
  std::cerr << "sealring-agent: " << what << "\nSee: sealring-agent" << name << " --help\n";
  return kWrongUse;
}

CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& example) {
  CLI::App* command = app.add_subcommand(name, description);
  command->group("Commands");
  command->footer(example);
  return *command;
}

void add_setting(CLI::App& command, const Setting& setting, Settings& settings) {
  const auto take = [&settings, &setting](const std::vector<std::string>& texts) {
    for (const std::string& text : texts) {
      if (const auto expected = setting.set(settings, text)) {
        throw CLI::ValidationError("--" + std::string(setting.name), "has to be " + *expected);
      }
    }
    return true;
  };
  command.add_option("--" + std::string(setting.name), take, setting.description)
      ->type_name(setting.type)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

// It is read before the other options, which are stronger.
void add_configuration(CLI::App& command, std::string& path) {
  command
      .add_option("--config", path,
                  std::string("the file with the settings; the default is ") +
                      kDefaultConfiguration + ", if it exists")
      ->type_name("FILE");
}

void add_control(CLI::App& command, Settings& settings) {
  for (const Setting& setting : all_settings()) {
    if (std::string_view(setting.name) == "control") add_setting(command, setting, settings);
  }
}

void add_run(CLI::App& app, Settings& settings, std::string& configuration, Command& chosen) {
  CLI::App& command =
      add_command(app, "run", "Runs the agent, until it gets SIGTERM. systemd starts it so.",
                  "Example:\n  sealring-agent run --list /var/lib/sealring/session.revoked");
  add_configuration(command, configuration);
  for (const Setting& setting : all_settings()) add_setting(command, setting, settings);
  command.callback([&settings, &chosen] {
    chosen = [&settings] {
      const auto ended = run(settings);
      if (ended) return kGood;
      log(Level::error, ended.error().message);
      return ended.error().error == Error::invalid_argument ? kWrongUse : kFailed;
    };
  });
}

void add_status(CLI::App& app, Settings& settings, std::string& configuration, bool& json,
                Command& chosen) {
  CLI::App& command =
      add_command(app, "status", "Prints how the agent and its lists are.",
                  "Example, for monitoring:\n  sealring-agent status >/dev/null || echo bad");
  add_configuration(command, configuration);
  add_control(command, settings);
  command.add_flag("--json", json, "print JSON, for scripts");
  command.callback([&] { chosen = [&] { return print_status(settings.control, json); }; });
}

struct RevokeOptions {
  std::string list, what, before, until;
  bool all = false;
};

int run_revoke(const CLI::App& command, const Settings& settings, const RevokeOptions& options) {
  RevokeRequest request;
  request.list = options.list;
  const std::size_t split = options.what.find('=');
  if (options.what.empty() != options.all) {
    return wrong_use(command, "give either NAME=VALUE or --all");
  }
  if (!options.all) {
    if (split == 0 || split == std::string::npos || split + 1 == options.what.size()) {
      return wrong_use(command, "what is to be revoked is written as NAME=VALUE");
    }
    request.name = options.what.substr(0, split);
    request.value = options.what.substr(split + 1);
  }
  request.until = revocation::kEndOfTime;
  if (!options.before.empty()) {
    request.revoked_at = read_time(options.before);
    if (!request.revoked_at)
      return wrong_use(command, "--before has to be whole seconds since 1970");
  }
  if (!options.until.empty()) {
    const auto until = read_time(options.until);
    if (!until) return wrong_use(command, "--until has to be whole seconds since 1970");
    request.until = *until;
  }
  return revoke(settings.control, request);
}

void add_revoke(CLI::App& app, Settings& settings, std::string& configuration,
                RevokeOptions& options, Command& chosen) {
  CLI::App& command = add_command(
      app, "revoke",
      "Revokes sessions through the agent. It returns when the list on the disk has it.",
      "Example, all sessions of a user:\n"
      "  sealring-agent revoke /var/lib/sealring/session.revoked user=alice");
  add_configuration(command, configuration);
  add_control(command, settings);
  command.add_flag("--all", options.all, "revoke all sessions and all tokens");
  command
      .add_option(
          "--before", options.before,
          "revoke what signed in at this time or before, in seconds since 1970; the default "
          "is now")
      ->type_name("TIME");
  command
      .add_option("--until", options.until,
                  "when the list may drop it, in seconds since 1970: the end of the last session "
                  "that it refuses. The default is never.")
      ->type_name("TIME");
  command.add_option("LIST", options.list, "the revocation list")->required()->type_name("");
  command.add_option("WHAT", options.what, "a field and its value, as in user=alice, or sid=ID")
      ->type_name("");
  command.callback([&] { chosen = [&] { return run_revoke(command, settings, options); }; });
}

// The file that the command line names, without the rest of it.
std::optional<std::string> named_configuration(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--config" && i + 1 < argc) return argv[i + 1];
    if (argument.starts_with("--config=")) return std::string(argument.substr(9));
  }
  return std::nullopt;
}

Explained<void> configure(int argc, char** argv, Settings& settings) {
  if (const auto named = named_configuration(argc, argv)) {
    return read_configuration(*named, settings);
  }
  if (access(kDefaultConfiguration, F_OK) != 0) return {};
  return read_configuration(kDefaultConfiguration, settings);
}

int parse_and_run(int argc, char** argv) {
  Settings settings;
  std::string configuration;
  bool json = false;
  RevokeOptions revoke_options;
  Command chosen;
  CLI::App app(kDescription, "sealring-agent");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.formatter(std::make_shared<cli::HelpFormatter>());
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("--version", "sealring-agent " SEALRING_VERSION, "print the version");
  add_run(app, settings, configuration, chosen);
  add_status(app, settings, configuration, json, chosen);
  add_revoke(app, settings, configuration, revoke_options, chosen);

  const auto configured = configure(argc, argv, settings);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const auto parsed = app.get_subcommands();
    return wrong_use(parsed.empty() ? app : *parsed.back(), error.what());
  }
  if (!configured) {
    log(Level::error, configured.error().message);
    return kWrongUse;
  }
  return chosen();
}

}  // namespace
}  // namespace sealring::agent

int main(int argc, char** argv) {
  try {
    return sealring::agent::parse_and_run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::cerr << "sealring-agent: out of memory\n";
  } catch (const std::exception& exception) {
    std::cerr << "sealring-agent: " << exception.what() << "\n";
  }
  return sealring::agent::kFailed;
}
