// SPDX-License-Identifier: Apache-2.0
// sealring keyring init, list, rotate, prune
#include <memory>

#include "clock.h"
#include "crypto/drivers.h"
#include "duration.h"
#include "io.h"
#include "keyring_add.h"
#include "keyring_report.h"
#include "keys/keyring_admin.h"
#include "keys/keyring_file.h"
#include "options.h"

namespace sealring::cli {
namespace {

struct Options {
  std::string ring;
  std::string algorithm = std::string(row(Algorithm::xaes_256_gcm).name);
  std::int64_t activate_in = 0;
  std::int64_t max_lifetime = std::int64_t{30} * 86400;
  bool json = false;
};

std::unexpected<Failure> too_far() {
  return wrong_use("the durations reach beyond the year 36812, the last that a key ring can hold");
}

Outcome<void> init(const Options& options) {
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());
  const std::string& ring = options.ring;
  const std::int64_t now = current_time();
  if (options.activate_in > kLatestTime - now) return too_far();
  const std::int64_t seal_from = now + options.activate_in;
  const auto kid = init_keyring_file(**driver, ring, options.algorithm, seal_from);
  if (!kid) return failed(kid.error());
  const std::string seals_from =
      options.activate_in == 0 ? "now on"
                               : utc_time_and_distance(static_cast<std::uint64_t>(seal_from), now);
  return print(
      "Created key ring " + ring + ". Its key " + *kid + " (" + options.algorithm +
      ") seals from " + seals_from +
      ".\n\n"
      "If a server's workers run as another user, let them read it, for example:\n"
      "  chgrp www-data " +
      ring + " && chmod 640 " + ring +
      "\n"
      "Copy it to every server that must open the same tokens. Keep it secret.\n" +
      (options.algorithm == row(Algorithm::a256gcm).name
           ? "One key may seal 2^32 tokens on all servers together: 49 days at 1000 per second.\n"
             "Rotate it before then: sealring keyring rotate " +
                 ring + "\n"
           : ""));
}

Outcome<void> list(const Options& options) {
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());
  auto file = read_keyring_file(**driver, options.ring, Owner::any_if_root_reads);
  if (!file) return failed(file.error());
  const auto ring = Keyring::make(std::move(file->keys));
  if (!ring) {
    return failed(
        {ring.error().error, "key ring \"" + options.ring + "\": " + ring.error().message});
  }
  const std::int64_t now = current_time();
  return print(options.json ? keyring_json(**ring, file->foreign, now)
                            : keyring_table(**ring, file->foreign, options.ring, now));
}

Outcome<void> rotate(const Options& options) {
  if (options.max_lifetime == 0) {
    return wrong_use(
        "--max-lifetime 0 could mean two things; use 1s to close the older keys as soon as "
        "the new one seals, or 1000y to keep them open");
  }
  const std::int64_t now = current_time();
  if (options.activate_in > kLatestTime - now ||
      options.max_lifetime > kLatestTime - now - options.activate_in) {
    return too_far();
  }
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());
  const auto kid =
      rotate_keyring_file(**driver, options.ring, {now, options.activate_in, options.max_lifetime});
  if (!kid) return failed(kid.error());

  const auto seals_from = static_cast<std::uint64_t>(now + options.activate_in);
  const std::uint64_t open_until = seals_from + static_cast<std::uint64_t>(options.max_lifetime);
  const bool at_once = options.activate_in == 0;
  const std::int64_t taken = current_time() - now;
  const bool late = !at_once && taken >= (options.activate_in + 1) / 2;
  const auto said =
      print("Added key " + *kid + ". It seals from " +
            (at_once ? "now on. Copy the ring to every server at once:\n"
                       "servers without it refuse the new tokens.\n"
                     : utc_time_and_distance(seals_from, now) +
                           ".\nCopy the ring to every server before that.\n") +
            "The keys that sealed so far open until " + utc_time(open_until) + " at the latest.\n" +
            (late ? "Writing the file took " + format_duration(static_cast<std::uint64_t>(taken)) +
                        " of the time that servers have to see it: until they do, "
                        "they refuse\ntokens of the new key as unknown_key. Choose "
                        "a longer --activate-in.\n"
                  : "") +
            "\n");
  if (!said) return said;
  return list(options);
}

Outcome<void> prune(const Options& options) {
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());
  const auto removed = prune_keyring_file(**driver, options.ring, current_time());
  if (!removed) return failed(removed.error());
  const auto said = print(*removed == 0   ? "Nothing to remove: all keys still open tokens.\n\n"
                          : *removed == 1 ? "Removed 1 key.\n\n"
                                          : "Removed " + std::to_string(*removed) + " keys.\n\n");
  if (!said) return said;
  return list(options);
}

using SharedOptions = std::shared_ptr<Options>;

// What CLI11 does when the command is on the command line.
auto choose(Command& chosen, const SharedOptions& options,
            Outcome<void> (*command)(const Options&)) {
  return [&chosen, options, command] { chosen = [options, command] { return command(*options); }; };
}

void add_init(CLI::App& group, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      group, "init",
      "Create a key ring with one new random key. The file has mode 0640, less the "
      "umask. An existing file is left alone.",
      "Example:\n"
      "  sealring keyring init /etc/nginx/session.keys\n"
      "Example, for several servers that seal with an old key until all have the ring:\n"
      "  sealring keyring init /etc/nginx/session.keys --activate-in 1d");
  add_ring_argument(command, options->ring);
  command
      .add_option(
          "--alg", options->algorithm,
          "what the key is for: XAES-256-GCM (s1 tokens), the default, or A256GCM (JWE tokens)")
      ->type_name("ALG");
  add_duration_option(command, "--activate-in", options->activate_in,
                      "when the key begins to seal. The default is 0, at once.");
  command.callback(choose(chosen, options, init));
}

void add_list(CLI::App& group, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      group, "list",
      "Show the keys without their secrets: which one seals now, which one seals next, and until "
      "when each opens, in local time and UTC.",
      "With --json: {\"keys\": [...]}. For each key: kid, alg, seal_from and open_until\n"
      "(seconds since 1970; 0: no bound), open_only, primary (it seals now), next (it\n"
      "seals next). For keys of other programs, \"ignored\": [...], with the place in the\n"
      "file and the reason for each.\n\n"
      "Example:\n"
      "  sealring keyring list session.keys");
  add_ring_argument(command, options->ring);
  add_json_flag(command, options->json);
  command.callback(choose(chosen, options, list));
}

void add_rotate(CLI::App& group, Command& chosen) {
  const auto options = std::make_shared<Options>();
  options->activate_in = 3600;
  CLI::App& command =
      add_command(group, "rotate",
                  "Add a new random key that begins to seal later. Copy the file to every "
                  "server before then. The keys that sealed so far keep opening until every token "
                  "that they sealed has expired. A key that would begin to seal after the new one "
                  "is withdrawn: it only opens.",
                  "Example, once a month, on one machine; then copy the file to all others:\n"
                  "  sealring keyring rotate session.keys\n"
                  "Example, after a key was stolen; everyone has to log in again:\n"
                  "  sealring keyring rotate session.keys --activate-in 0 --max-lifetime 1s");
  add_ring_argument(command, options->ring);
  add_duration_option(command, "--activate-in", options->activate_in,
                      "when the new key begins to seal; copy the file before then. The default is "
                      "1h; 0 is at once.");
  add_duration_option(command, "--max-lifetime", options->max_lifetime,
                      "the lifetime of your longest-lived tokens: for this long after the new key "
                      "begins to seal, the older keys still open. The default is 30d.");
  command.callback(choose(chosen, options, rotate));
}

void add_prune(CLI::App& group, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(group, "prune",
                                  "Remove the keys that no longer open tokens. If no key that may "
                                  "seal would be left, nothing is removed.",
                                  "Example:\n"
                                  "  sealring keyring prune session.keys");
  add_ring_argument(command, options->ring);
  command.callback(choose(chosen, options, prune));
}

}  // namespace

void add_keyring_commands(CLI::App& app, Command& chosen) {
  CLI::App& group = add_command(app, "keyring",
                                "Make and change key ring files. Every change replaces the whole "
                                "file; running servers notice it by themselves.",
                                "Example:\n"
                                "  sealring keyring init /etc/nginx/session.keys");
  group.require_subcommand(1);
  add_init(group, chosen);
  add_list(group, chosen);
  add_rotate(group, chosen);
  add_keyring_add_command(group, chosen);
  add_prune(group, chosen);
}

}  // namespace sealring::cli
