// SPDX-License-Identifier: Apache-2.0
#include "help.h"

namespace sealring::cli {
namespace {

constexpr std::size_t kWidth = 80;

// Breaks lines between words, and begins each but the first with `indent` spaces.
std::string wrapped(std::string_view text, std::size_t indent) {
  std::string lines;
  for (;;) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    std::size_t size = text.size();
    if (size > kWidth - indent) size = std::min(text.rfind(' ', kWidth - indent), size);
    lines += std::string(text.substr(0, size)) + "\n";
    text.remove_prefix(size);
    if (text.empty()) return lines;
    lines += std::string(indent, ' ');
  }
}

// A name and, in a second column, what it is for.
std::string entry(const std::string& name, const std::string& description, std::size_t column) {
  std::string text = "  " + name;
  text.resize(std::max(column, text.size() + 2), ' ');
  return text + wrapped(description, column);
}

std::string name_and_type(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  return option.get_name(option.get_positional()) + (type.empty() ? "" : " " + type);
}

}  // namespace

std::string HelpFormatter::make_description(const CLI::App* app) const {
  return wrapped(app->get_description(), 0) + "\n";
}

std::string HelpFormatter::make_usage(const CLI::App* app, std::string name) const {
  std::string usage = "Usage: " + name;
  if (app->get_require_subcommand_min() != 0) return usage + " COMMAND\n";
  std::string arguments;
  for (const CLI::Option* option : app->get_options()) {
    if (option == app->get_help_ptr()) continue;
    const std::string text = name_and_type(*option);
    (option->get_positional() ? arguments : usage) +=
        option->get_required() ? " " + text : " [" + text + "]";
  }
  return usage + arguments + "\n";
}

std::string HelpFormatter::make_option(const CLI::Option* option, bool) const {
  return entry(name_and_type(*option), option->get_description(), 27);
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  const std::string description = command->get_description();
  return entry(command->get_name(), description.substr(0, description.find('.')), 11);
}

}  // namespace sealring::cli
