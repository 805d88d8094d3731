// SPDX-License-Identifier: Apache-2.0
// sealring revoke
#include <memory>

#include "base/base64url.h"
#include "clock.h"
#include "crypto/drivers.h"
#include "io.h"
#include "options.h"
#include "revocation/writer.h"
#include "text.h"

namespace sealring::cli {
namespace {

using revocation::kEndOfTime;

constexpr std::size_t kMaxInput = std::size_t{1} << 28;
constexpr std::size_t kSidBytes = 16;

struct Options {
  std::string list;
  std::optional<std::string> what;
  std::optional<std::string> token;
  bool all = false;
  std::optional<std::int64_t> before;
  std::optional<std::int64_t> until;
};

// What is revoked; both are empty: everything.
struct Target {
  std::string name;
  std::string value;
  std::string place;  // for messages: "line 3: "

  bool is(std::string_view other) const {
    std::array<char, revocation::kMaxNameSize> lower;
    return revocation::in_lower_case(name, lower) == other;
  }
};

bool is_sid(std::string_view value) {
  std::array<std::uint8_t, kSidBytes> bytes;
  return value.size() == base64url::encoded_size(kSidBytes) && base64url::decode(value, bytes);
}

Outcome<Target> parse_target(std::string_view text, const std::string& place) {
  const std::size_t split = text.find('=');
  if (split == std::string_view::npos || split == 0 || split + 1 == text.size()) {
    return wrong_use(place +
                     "this is not NAME=VALUE, as in user=alice; to revoke everything, use --all");
  }
  Target target{std::string(text.substr(0, split)), std::string(text.substr(split + 1)), place};
  if (target.is(revocation::kSid) && !is_sid(target.value)) {
    return wrong_use(place +
                     "this is not a sid, which has 22 characters of base64url. (Logs have a hash "
                     "of it instead, which cannot be revoked; revoke the user.)");
  }
  return target;
}

Outcome<std::vector<Target>> read_targets() {
  const auto input = read_stdin("NAME=VALUE, one a line", kMaxInput);
  if (!input) return std::unexpected(input.error());
  if (input->size() > kMaxInput) return wrong_use("there are more than 256 MiB on standard input");
  std::vector<Target> targets;
  std::string_view rest = as_text(*input);
  for (std::size_t number = 1; !rest.empty(); ++number) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    auto target = parse_target(line, "line " + std::to_string(number) + ": ");
    if (!target) return std::unexpected(target.error());
    targets.push_back(std::move(*target));
  }
  if (targets.empty()) return wrong_use("there is no NAME=VALUE on standard input");
  return targets;
}

Outcome<std::vector<Target>> find_targets(const Options& options) {
  if (static_cast<int>(options.what.has_value()) + static_cast<int>(options.token.has_value()) +
          static_cast<int>(options.all) !=
      1) {
    return wrong_use("say what to revoke: NAME=VALUE, -, --token or --all, and only one of them");
  }
  if (options.token && options.before) {
    return wrong_use(
        "--before says when a session began; --token revokes a token whenever it was "
        "issued");
  }
  if (options.token && options.token->empty()) return wrong_use("--token: the ID is empty");
  if (options.all) return std::vector{Target{}};
  if (options.token) {
    return std::vector{Target{std::string(revocation::kToken), *options.token, ""}};
  }
  if (*options.what == "-") return read_targets();
  auto target = parse_target(*options.what, "");
  if (!target) return std::unexpected(target.error());
  return std::vector{std::move(*target)};
}

// What is refused from now on.
std::string hit(const std::vector<Target>& targets, const std::string& before) {
  if (targets.size() > 1) {
    return "what these " + std::to_string(targets.size()) + " lines say, if it began until " +
           before;
  }
  const Target& target = targets.front();
  if (target.name.empty()) {
    return "everything: all sessions that signed in, and all tokens that were issued, until " +
           before;
  }
  if (target.is(revocation::kToken)) return "this token";
  if (target.is(revocation::kSid)) return "this session";
  const std::string field = target.name + "=" + target.value;
  return "all sessions with " + (is_text(field) ? field : "this value") + " that signed in until " +
         before;
}

std::string how_long(const Options& options, std::int64_t now) {
  if (options.until) {
    return "It is dropped from the list after " +
           utc_time_and_distance(static_cast<std::uint64_t>(*options.until), now) +
           ". By then, all of it must\nhave ended by itself.\n";
  }
  const std::string when =
      options.token ? "the token has expired by itself: for a lifetime of 1 day, --until +1d"
                    : "all of it has ended by itself: for an idle timeout of 30 minutes, and "
                      "one\nmore because clocks differ, --until +31m";
  return "It stays in the list for ever. To keep the list small, say when " + when + ".\n";
}

std::string size_of(const revocation::Change& change, std::size_t revoked) {
  std::string text = "The list now has " + std::to_string(change.entries) +
                     (change.entries == 1 ? " entry.\n" : " entries.\n");
  if (change.added < revoked) {
    text += "What was revoked before keeps the later one of its times.\n";
  }
  if (change.dropped != 0) {
    text += "Entries that had ended were dropped: " + std::to_string(change.dropped) + ".\n";
  }
  return text;
}

Outcome<void> revoke(const Options& options) {
  const std::int64_t now = current_time();
  const std::int64_t before = options.before.value_or(now);
  const std::int64_t until = options.until.value_or(kEndOfTime);
  if (std::max(before, until) > kEndOfTime) {
    return wrong_use(
        "the times reach beyond the year 36812, the last that a list can have; are "
        "they in milliseconds?");
  }
  if (until <= now) return wrong_use("--until has passed, so nothing would be revoked");
  const auto targets = find_targets(options);
  if (!targets) return std::unexpected(targets.error());
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());

  const auto change = revocation::update_list_file(
      **driver, options.list, now, [&](revocation::Draft& draft) -> Explained<void> {
        for (const Target& target : *targets) {
          auto added = draft.add(**driver, target.name, target.value, before, until);
          if (!added) return problem(added.error().error, target.place + added.error().message);
        }
        return {};
      });
  if (!change) return failed(change.error());

  return print("Revoked: " + hit(*targets, utc_time(static_cast<std::uint64_t>(before))) +
               ".\nServers and programs that follow this file refuse it within a second.\n" +
               how_long(options, now) + size_of(*change, targets->size()));
}

}  // namespace

void add_revoke_command(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      app, "revoke",
      "Refuse sessions or tokens from now on. They are entered in a revocation list, which servers "
      "follow: a session is refused if a field of it is in the list and it signed in before.",
      "Examples:\n"
      "  sealring revoke session.revoked user=alice --until +31m\n"
      "  sealring revoke session.revoked --token \"$ID\" --until +1d\n"
      "  sealring revoke session.revoked - --until +31m <users.txt\n"
      "Example, if it is not known what was stolen; everyone has to log in again:\n"
      "  sealring revoke session.revoked --all --until +31m");
  add_list_argument(command, options->list);
  add_text_option(
      command, "WHAT", [options](const std::string& text) { options->what = text; },
      "NAME=VALUE: the sessions whose field NAME is VALUE, as in user=alice; sid=ID is one "
      "session. -: many, one a line on standard input");
  add_text_option(
      command, "--token", [options](const std::string& text) { options->token = text; },
      "a token that is no session, by its ID, which servers log and open --json shows")
      ->type_name("ID");
  command.add_flag("--all", options->all, "all sessions and tokens of the servers with this list");
  add_time_option(command, "--before", options->before,
                  "what began until then, and nothing that begins later. The default is now.");
  add_time_option(command, "--until", options->until,
                  "when all of it has ended by itself, so that it can be dropped from the list. "
                  "The default is never.");
  command.callback([options, &chosen] { chosen = [options] { return revoke(*options); }; });
}

}  // namespace sealring::cli
