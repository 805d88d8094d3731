// SPDX-License-Identifier: Apache-2.0
// sealring revocations
#include <memory>
#include <nlohmann/json.hpp>

#include "clock.h"
#include "crypto/drivers.h"
#include "duration.h"
#include "io.h"
#include "json_line.h"
#include "options.h"
#include "revocation/list_file.h"
#include "revocation/writer.h"
#include "text.h"

namespace sealring::cli {
namespace {

using revocation::kEndOfTime;
using revocation::ListFile;

struct Options {
  std::string list;
  bool create = false;
  bool json = false;
};

// When the entries can be dropped.
struct Ends {
  std::size_t ended = 0;
  std::size_t never = 0;
  std::int64_t next = kEndOfTime;
  std::int64_t last = 0;  // 0: none of them ends
};

Ends ends_of(const revocation::List& list, std::int64_t now) {
  Ends ends;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::int64_t until = list.at(i).until;
    if (until == kEndOfTime) {
      ++ends.never;
    } else if (until <= now) {
      ++ends.ended;
    } else {
      ends.next = std::min(ends.next, until);
      ends.last = std::max(ends.last, until);
    }
  }
  return ends;
}

std::string when(std::int64_t time, std::int64_t now) {
  return utc_time_and_distance(static_cast<std::uint64_t>(time), now);
}

std::string names_of(const revocation::List& list) {
  std::string text;
  for (const std::string_view name : list.names()) {
    if (!text.empty()) text += ", ";
    text += name.empty() ? "(everything)" : is_text(name) ? std::string(name) : "(not text)";
  }
  return text.empty() ? "none" : text;
}

std::string age(const ListFile& file, std::int64_t now) {
  const std::uint32_t bound = file.list->header().max_staleness;
  if (bound == 0) return "";
  return "confirmed     " + when(file.confirmed_at, now) + ", at the latest every " +
         format_duration(bound) +
         (file.is_stale(now) ? ": it is STALE; see what sealring-agent logs" : "") + "\n";
}

std::string report(const ListFile& file, const std::string& path, std::int64_t now) {
  const revocation::Header& header = file.list->header();
  const Ends ends = ends_of(*file.list, now);
  std::string text =
      "Revocation list " + path + "\n\ngeneration    " + std::to_string(header.generation) +
      "\nwritten       " + when(header.written_at, now) + "\n" + age(file, now) + "names in use  " +
      names_of(*file.list) + "\nentries       " + std::to_string(header.count) + "\n";
  if (ends.last != 0) {
    text +=
        "  first end   " + when(ends.next, now) + "\n  last end    " + when(ends.last, now) + "\n";
  }
  if (ends.ended != 0) {
    text += "  have ended  " + std::to_string(ends.ended) + ", dropped by the next change\n";
  }
  if (ends.never != 0) {
    text += "  never end   " + std::to_string(ends.never) +
            ", because they were revoked without --until\n";
  }
  return text;
}

std::string to_json(const ListFile& file, std::int64_t now) {
  const revocation::Header& header = file.list->header();
  const Ends ends = ends_of(*file.list, now);
  const nlohmann::ordered_json json = {
      {"generation", header.generation},
      {"written_at", header.written_at},
      {"confirmed_at", file.confirmed_at},
      {"max_staleness", header.max_staleness},
      {"stale", file.is_stale(now)},
      {"names", file.list->names()},
      {"entries", header.count},
      {"ended", ends.ended},
      {"never_end", ends.never},
      {"next_end", ends.last == 0 ? 0 : ends.next},
      {"last_end", ends.last},
  };
  return json_line(json);
}

Outcome<void> create(Driver& driver, const std::string& path) {
  const auto created = revocation::create_list_file(driver, path, 0, current_time());
  if (!created) return failed(created.error());
  return print("Created revocation list " + path +
               ", in which nothing is revoked.\n\n"
               "Name it in the configuration of the servers:\n"
               "  nginx:  session_revocations " +
               path +
               ";\n"
               "  Apache: SessionCryptoRevocations " +
               path +
               "\n"
               "Then, for example: sealring revoke " +
               path +
               " user=alice\n"
               "Keep the file: with a new one, all that was revoked would be good again.\n");
}

Outcome<void> revocations(const Options& options) {
  if (options.create && options.json) return wrong_use("--create prints no JSON");
  const auto driver = find_driver(kDefaultDriver);
  if (!driver) return failed(driver.error());
  if (options.create) return create(**driver, options.list);
  const auto read = revocation::read_list_file(**driver, options.list, nullptr);
  if (!read) return failed(read.error());
  const std::int64_t now = current_time();
  return print(options.json ? to_json(read->file, now) : report(read->file, options.list, now));
}

}  // namespace

void add_revocations_command(CLI::App& app, Command& chosen) {
  const auto options = std::make_shared<Options>();
  CLI::App& command = add_command(
      app, "revocations",
      "Show what a revocation list has. That is how many entries, in which fields, and when they "
      "end; not who was revoked, because the list has only hashes of it.",
      "With --json: generation, written_at, confirmed_at (the file's modification time),\n"
      "max_staleness (seconds; 0: no bound), stale, names (\"\" is everything), entries,\n"
      "ended, never_end, next_end and last_end (0: none). Times are seconds since 1970.\n\n"
      "Examples:\n"
      "  sealring revocations session.revoked --create\n"
      "  sealring revocations session.revoked");
  add_list_argument(command, options->list);
  command.add_flag("--create", options->create,
                   "create the list, empty. The file has mode 0644, less the umask. An existing "
                   "file is left alone.");
  add_json_flag(command, options->json);
  command.callback([options, &chosen] { chosen = [options] { return revocations(*options); }; });
}

}  // namespace sealring::cli
