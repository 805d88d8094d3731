// SPDX-License-Identifier: Apache-2.0
// The command line of the agent.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>
#include <new>

#include "base/followed_file.h"
#include "cli/duration.h"
#include "cli/help.h"
#include "cli/standard_streams.h"
#include "client.h"
#include "daemon.h"
#include "log.h"
#include "settings.h"

namespace sealring::agent {
namespace {

using Command = std::function<int()>;

constexpr std::int64_t kLongestTimeout = 86'400;

constexpr const char* kDescription =
    "Keeps revocation lists: it adds the logouts of the servers on this machine. It keeps the "
    "lists "
    "and the key rings of several machines equal.";

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

struct PublishOptions {
  std::string ring;
  std::string timeout = "1m";
};

void add_publish(CLI::App& app, Settings& settings, std::string& configuration,
                 PublishOptions& options, Command& chosen) {
  CLI::App& command = add_command(
      app, "publish",
      "Publishes a ring to the fleet, and returns when all nodes that follow it have it.",
      "Example, once a month:\n"
      "  sealring keyring rotate /etc/sealring/rings/session.keys --activate-in 1d\n"
      "  sealring-agent publish /etc/sealring/rings/session.keys");
  add_configuration(command, configuration);
  add_control(command, settings);
  command
      .add_option("--timeout", options.timeout,
                  "how long to wait for the nodes, such as 5m; the default is 1m")
      ->type_name("DURATION");
  command.add_option("RING", options.ring, "the ring, which the agent follows")
      ->required()
      ->type_name("");
  command.callback([&] {
    chosen = [&] {
      const auto patience = cli::parse_duration(options.timeout);
      if (!patience || *patience > kLongestTimeout) {
        return wrong_use(command, "--timeout has to be a duration of at most a day, such as 5m");
      }
      return publish(settings.control,
                     std::filesystem::path(absolute_path(options.ring)).lexically_normal(),
                     *patience);
    };
  });
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
  cli::secure_standard_streams();
  Settings settings;
  std::string configuration;
  bool json = false;
  PublishOptions publish_options;
  Command chosen;
  CLI::App app(kDescription, "sealring-agent");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.formatter(std::make_shared<cli::HelpFormatter>());
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("--version", "sealring-agent " SEALRING_VERSION, "print the version");
  add_run(app, settings, configuration, chosen);
  add_status(app, settings, configuration, json, chosen);
  add_publish(app, settings, configuration, publish_options, chosen);

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
