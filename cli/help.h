// SPDX-License-Identifier: Apache-2.0
// The text of --help: what a command does, how it is called, its options, an example. Descriptions
// are wrapped; footers are printed as they are.
#pragma once

#include <CLI/CLI.hpp>

namespace sealring::cli {

class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter() { label("Positionals", "Arguments"); }

  std::string make_description(const CLI::App* app) const override;

  // With every option, in brackets unless it is required.
  std::string make_usage(const CLI::App* app, std::string name) const override;

  std::string make_option(const CLI::Option* option, bool is_argument) const override;

  // In a list of commands: the first sentence.
  std::string make_subcommand(const CLI::App* command) const override;
};

}  // namespace sealring::cli
