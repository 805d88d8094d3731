// SPDX-License-Identifier: Apache-2.0
// sealring inspect
#include "token/inspect.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "io.h"
#include "json_line.h"
#include "options.h"
#include "refusal.h"

namespace sealring::cli {
namespace {

struct Options {
  bool json = false;
  std::optional<std::string> token;
};

Outcome<void> inspect(const Options& options) {
  const auto token = read_token(options.token);
  if (!token) return std::unexpected(token.error());
  const auto seen = sealring::inspect(*token);
  if (!seen) {
    return refused(seen.error().reason,
                   explain_malformed(seen.error().detail) +
                       " (Tokens of the old formats, nginx's and Apache's, cannot be inspected.)");
  }

  if (options.json) {
    const nlohmann::ordered_json json = {
        {"format", seen->format}, {"kid", seen->kid}, {"payload_size", seen->payload_size}};
    return print(json_line(json));
  }
  return print("format   " + std::string(seen->format) + "\nkid      " +
               (seen->kid.empty() ? "none: it names no key" : seen->kid) + "\npayload  " +
               std::to_string(seen->payload_size) + " bytes\n" +
               "This is what the token says; only opening it proves it.\n");
}

}  // namespace

void add_inspect_command(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      add_command(app, "inspect",
                  "Show what a token says without a key. That is its format, the key that it names "
                  "and the size of its payload; it proves nothing.",
                  "Example:\n  sealring inspect \"$TOKEN\"");
  add_json_flag(command, options->json);
  add_token_argument(command, options->token);
  command.callback([options, &chosen] { chosen = [options] { return inspect(*options); }; });
}

}  // namespace sealring::cli
