// SPDX-License-Identifier: Apache-2.0
#include "options.h"

#include <charconv>
#include <limits>
#include <utility>

#include "clock.h"
#include "duration.h"
#include "formats/format.h"
#include "io.h"
#include "text.h"

namespace sealring::cli {
namespace {

// Reads the option's text with `parse`, which gives nothing if it is not `wanted`.
template <class Target, class Parse>
CLI::Option* add_parsed(CLI::App& command, const std::string& name, Target& target, Parse parse,
                        const std::string& wanted, const std::string& description) {
  const auto take = [&target, parse, name, wanted](const std::string& text) {
    const auto parsed = parse(text);
    if (!parsed) throw CLI::ValidationError(name, "this is not " + wanted);
    const auto& value = *parsed;
    target = value;
  };
  return add_text_option(command, name, take, description);
}

// Seconds since 1970, or a duration from now.
std::optional<std::int64_t> parse_time(std::string_view text) {
  if (text.starts_with('+')) {
    const auto duration = parse_duration(text.substr(1));
    const std::int64_t now = current_time();
    if (!duration || *duration > std::numeric_limits<std::int64_t>::max() - now) return {};
    return now + *duration;
  }
  std::uint64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!std::in_range<std::int64_t>(seconds)) return std::nullopt;
  return static_cast<std::int64_t>(seconds);
}

std::optional<std::string> check_context(const std::string& text) {
  return text.size() <= kMaxContextSize ? std::optional(text) : std::nullopt;
}

}  // namespace

CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& example) {
  CLI::App* command = app.add_subcommand(name, description);
  command->group("Commands");
  command->footer(example);
  return *command;
}

CLI::Option* add_text_option(CLI::App& command, const std::string& name,
                             std::function<void(const std::string&)> take,
                             const std::string& description) {
  const auto take_first = [take = std::move(take)](const CLI::results_t& results) {
    take(results.front());
    return true;
  };
  return command.add_option(name, take_first, description);
}

void add_ring_argument(CLI::App& command, std::string& path) {
  command.add_option("RING", path, "the key ring file")->required()->type_name("");
}

void add_list_argument(CLI::App& command, std::string& path) {
  command.add_option("LIST", path, "the revocation list's file")->required()->type_name("");
}

void add_keyring_option(CLI::App& command, std::string& path) {
  command.add_option("--keyring", path, "the key ring file")->required()->type_name("RING");
}

void add_context_option(CLI::App& command, std::string& context) {
  add_parsed(command, "--context", context, check_context,
             "a context: it is longer than " + std::to_string(kMaxContextSize) + " bytes",
             "what the token is for, as in \"download\"; it opens only in the context that it was "
             "sealed for. The default is none.")
      ->type_name("TEXT");
}

void add_now_option(CLI::App& command, std::optional<std::int64_t>& now) {
  add_time_option(
      command, "--now", now,
      "the time to use instead of the clock: seconds since 1970, or +30m: in 30 minutes");
}

void add_time_option(CLI::App& command, const std::string& name, std::optional<std::int64_t>& time,
                     const std::string& description) {
  add_parsed(command, name, time, parse_time,
             "a time: give whole seconds since 1970, or +30m for in 30 minutes", description)
      ->type_name("TIME");
}

void add_duration_option(CLI::App& command, const std::string& name, std::int64_t& seconds,
                         const std::string& description) {
  add_parsed(command, name, seconds, parse_duration,
             "a duration: write it as 30s, 10m, 1h, 30d or \"1d 12h\"", description)
      ->type_name("DURATION");
}

void add_json_flag(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "print JSON, for scripts");
}

void add_token_argument(CLI::App& command, std::optional<std::string>& token) {
  add_text_option(
      command, "TOKEN", [&token](const std::string& text) { token = text; },
      "the token; if there is none here, it is read from standard input, where one line end after "
      "a text token is not part of it");
}

Outcome<SecretBytes> read_token(const std::optional<std::string>& argument) {
  if (argument) return SecretBytes(argument->begin(), argument->end());
  auto token = read_stdin("the token", 2 * kMaxPayloadSize);
  if (token) remove_line_end(*token);
  return token;
}

}  // namespace sealring::cli
