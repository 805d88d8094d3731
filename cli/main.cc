// SPDX-License-Identifier: Apache-2.0
// The command line: chooses a command, runs it, and ends with its status.
#include <new>

#include "help.h"
#include "io.h"
#include "options.h"
#include "standard_streams.h"

namespace sealring::cli {
namespace {

constexpr const char* kDescription =
    "Encrypted, expiring, tamper-proof tokens, sealed and opened with a key ring file.";

constexpr const char* kFooter =
    "Try it:\n"
    "  sealring keyring init session.keys\n"
    "  printf 'user=alice' | sealring seal --keyring session.keys >token.txt\n"
    "  sealring open --keyring session.keys <token.txt\n\n"
    "Exit status: 0 done; 2 wrong use; 3 a fault of this machine or a file.\n"
    "A refused token: 10 malformed, 11 unsupported, 12 unknown_key,\n"
    "13 authentication_failed, 14 expired, 15 not_yet_valid, 16 revoked.\n\n"
    "More: sealring COMMAND --help, and the manual: man sealring";

int end(const Outcome<void>& outcome) {
  if (outcome) return 0;
  note(outcome.error().message);
  return outcome.error().status;
}

// Last first, as CLI11 expects them. It would use the argument after "--context=" as its value, so
// "--context=" becomes "--context" and an empty argument.
std::vector<std::string> reversed_arguments(int argc, char** argv) {
  std::vector<std::string> arguments;
  bool options_end = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    options_end = options_end || argument == "--";
    if (!options_end && argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      arguments.emplace_back(argument.substr(0, argument.size() - 1));
      arguments.emplace_back();
    } else {
      arguments.emplace_back(argument);
    }
  }
  return {arguments.rbegin(), arguments.rend()};
}

// The innermost command that was understood.
const CLI::App& innermost(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : innermost(*chosen.back());
}

std::string full_name(const CLI::App& app) {
  return (app.get_parent() == nullptr ? "" : full_name(*app.get_parent()) + " ") + app.get_name();
}

// CLI11 repeats what it did not expect, which may be a token. Only the names of options are safe.
std::string explain(const CLI::App& command, const CLI::ParseError& error) {
  const auto unexpected = command.remaining();
  const bool is_group = command.get_require_subcommand_min() != 0;
  for (const std::string& argument : unexpected) {
    if (argument.starts_with('-')) {
      return "there is no option " + argument.substr(0, argument.find('='));
    }
  }
  if (is_group) return unexpected.empty() ? "a command is missing" : "there is no such command";
  if (!unexpected.empty()) return "there are too many arguments";
  return error.what();
}

int run(int argc, char** argv) {
  secure_standard_streams();
  CLI::App app(kDescription, "sealring");
  app.footer(kFooter);
  app.require_subcommand(1);
  app.formatter(std::make_shared<HelpFormatter>());
  app.set_help_flag("-h,--help", "print this help");
  app.set_version_flag("--version", "sealring " SEALRING_VERSION, "print the version");
  Command chosen;
  add_keyring_commands(app, chosen);
  add_seal_command(app, chosen);
  add_open_command(app, chosen);
  add_inspect_command(app, chosen);
  add_explain_command(app, chosen);
  add_status_command(app, chosen);
  add_revoke_command(app, chosen);
  add_revocations_command(app, chosen);

  try {
    app.parse(reversed_arguments(argc, argv));
  } catch (const CLI::CallForHelp&) {
    return end(print(app.help()));
  } catch (const CLI::CallForVersion& version) {
    return end(print(std::string(version.what()) + "\n"));
  } catch (const CLI::ParseError& error) {
    const CLI::App& command = innermost(app);
    return end(wrong_use(explain(command, error) + "\nSee: " + full_name(command) + " --help"));
  }
  return end(chosen());
}

}  // namespace
}  // namespace sealring::cli

int main(int argc, char** argv) {
  try {
    return sealring::cli::run(argc, argv);
  } catch (const std::bad_alloc&) {
    sealring::cli::note("out of memory");
  } catch (const std::exception& exception) {
    sealring::cli::note(exception.what());
  }
  return sealring::cli::kOperational;
}
