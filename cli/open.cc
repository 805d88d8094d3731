// SPDX-License-Identifier: Apache-2.0
// sealring open
#include <memory>
#include <nlohmann/json.hpp>

#include "base/base64url.h"
#include "base/utf8.h"
#include "clock.h"
#include "crypto/drivers.h"
#include "io.h"
#include "json_line.h"
#include "options.h"
#include "refusal.h"
#include "text.h"

namespace sealring::cli {
namespace {

struct Options {
  std::string keyring;
  std::string context;
  std::optional<std::int64_t> now;
  std::optional<std::string> revocations;
  bool json = false;
  std::optional<std::string> token;
};

std::string to_json(const Sealer::Opened& opened) {
  nlohmann::ordered_json json;
  const std::string_view payload = as_text(opened.payload);
  if (utf8::is_valid(payload)) {
    json["payload"] = payload;
  } else {
    json["payload_b64"] = base64url::encode(opened.payload);
  }
  json["kid"] = opened.kid;
  json["id"] = opened.id;
  json["issued_at"] = opened.times.issued_at;
  json["expires_at"] = opened.times.expires_at;
  return json_line(json);
}

Outcome<void> open(const Options& options) {
  const std::int64_t now = options.now.value_or(current_time());
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());
  const auto live = LiveKeyring::load(**driver, options.keyring);
  if (!live) return failed(live.error());
  const auto sealer = Sealer::make(*live, **driver);
  if (!sealer) return failed(sealer.error());

  if (options.revocations) {
    auto revocations = revocation::Revocations::load(**driver, *options.revocations);
    if (!revocations) return failed(revocations.error());
    (*sealer)->use_revocations(std::move(*revocations), Stale::opens);
  }

  const auto token = read_token(options.token);
  if (!token) return std::unexpected(token.error());
  SecretBytes buffer((*sealer)->opened_size(token->size()));
  const auto opened = (*sealer)->open(now, as_bytes(options.context), *token, buffer);
  if (!opened) {
    const Sealer::Refusal& refusal = opened.error();
    if (is_refusal(refusal.reason)) {
      return refused(refusal.reason, explain(refusal, *(*live)->current(), now));
    }
    return failed("opening failed: " + std::string(error_name(refusal.reason)));
  }
  return print(options.json ? to_json(*opened) : as_text(opened->payload));
}

}  // namespace

void add_open_command(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command =
      add_command(app, "open",
                  "Open a token and print its payload, byte for byte. A refused token prints "
                  "nothing there: the reason goes to standard error and into the exit status.",
                  "With --json: payload (payload_b64, in base64url, where it is not UTF-8), kid,\n"
                  "id (empty where the format has none), issued_at (0 where the format does not\n"
                  "say), expires_at (0: never).\n\n"
                  "Exit status of refusals: 10 malformed, 11 unsupported, 12 unknown_key,\n"
                  "13 authentication_failed, 14 expired, 15 not_yet_valid, 16 revoked.\n\n"
                  "Examples:\n"
                  "  sealring open --keyring session.keys \"$TOKEN\"\n"
                  "  sealring open --keyring session.keys --context download --json <token.txt");
  add_keyring_option(command, options->keyring);
  add_context_option(command, options->context);
  add_now_option(command, options->now);
  add_text_option(
      command, "--revocations", [options](const std::string& path) { options->revocations = path; },
      "a revocation list. A token is refused if it is there by its ID, or if --all was revoked; "
      "the fields of sessions are not looked up.")
      ->type_name("LIST");
  add_json_flag(command, options->json);
  add_token_argument(command, options->token);
  command.callback([options, &chosen] { chosen = [options] { return open(*options); }; });
}

}  // namespace sealring::cli
