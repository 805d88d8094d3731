// SPDX-License-Identifier: Apache-2.0
// sealring seal
#include <memory>

#include "clock.h"
#include "crypto/drivers.h"
#include "io.h"
#include "options.h"
#include "token/sealer.h"

namespace sealring::cli {
namespace {

struct Options {
  std::string keyring;
  std::int64_t lifetime = 86400;
  std::string context;
  std::optional<std::int64_t> now;
};

Outcome<void> seal(const Options& options) {
  const std::int64_t now = options.now.value_or(current_time());
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());
  const auto live = LiveKeyring::load(**driver, options.keyring);
  if (!live) return failed(live.error());
  const auto sealer = Sealer::make(*live, **driver);
  if (!sealer) return failed(sealer.error());
  const Key* primary = (*live)->current()->primary(now);
  if (primary == nullptr) {
    return failed("key ring \"" + options.keyring + "\": no key may seal at " +
                  utc_time(static_cast<std::uint64_t>(now)) + "; see: sealring keyring list " +
                  options.keyring);
  }
  const AlgorithmRow& algorithm = row(primary->algorithm);
  if (!algorithm.modern && !options.context.empty()) {
    note("--context is ignored: " + std::string(algorithm.name) +
         " tokens cannot be bound to a context");
  }

  const auto payload = read_stdin("the payload", kMaxPayloadSize);
  if (!payload) return std::unexpected(payload.error());
  if (payload->size() > kMaxPayloadSize) return wrong_use("the payload is larger than 16 MiB");
  // With room for a line end, which follows a token that is text.
  std::string token((*sealer)->sealed_size(payload->size()) + 1, '\n');
  const MutableBytes buffer(reinterpret_cast<std::uint8_t*>(token.data()), token.size() - 1);
  const auto sealed = (*sealer)->seal(now, static_cast<std::uint64_t>(options.lifetime),
                                      as_bytes(options.context), *payload, buffer);
  if (!sealed && sealed.error().reason == Error::invalid_argument) {
    return wrong_use(std::string("--context: ") + sealed.error().detail);
  }
  if (!sealed) return failed("sealing failed: " + std::string(error_name(sealed.error().reason)));
  token.resize(sealed->size);
  if (algorithm.format != FormatId::nginx_legacy) token += '\n';
  return print(token);
}

}  // namespace

void add_seal_command(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      app, "seal",
      "Seal the payload on standard input and print the token. The payload is any bytes, at most "
      "16 MiB. Tokens are text, and a newline follows, but for nginx-legacy tokens: these are "
      "binary.",
      "Example:\n"
      "  printf 'user=alice' | sealring seal --keyring session.keys --lifetime 1h");
  add_keyring_option(command, options->keyring);
  add_duration_option(
      command, "--lifetime", options->lifetime,
      "how long it opens, as in 30s, 10m, 1h, 30d; 0 is for ever. The default is 1d.");
  add_context_option(command, options->context);
  add_now_option(command, options->now);
  command.callback([options, &chosen] { chosen = [options] { return seal(*options); }; });
}

}  // namespace sealring::cli
