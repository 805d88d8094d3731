// SPDX-License-Identifier: Apache-2.0
#include "kept_list.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "log.h"
#include "revocation/writer.h"

namespace sealring::agent {
namespace {

using revocation::Entry;

// A batch is written at once if the last one was this long ago, and writing takes at most a quarter
// of the time.
constexpr Milliseconds kBetweenWrites{250};
constexpr int kShareOfWriting = 4;
constexpr Milliseconds kBetweenTrials{1000};  // when a batch cannot be written
constexpr std::size_t kMaxWaiting = 200'000;

}  // namespace

KeptList::KeptList(Driver& driver, std::string path, revocation::ReadList read)
    : driver_(driver), path_(std::move(path)), file_(std::move(read.file)), seen_(read.stat) {}

Explained<std::unique_ptr<KeptList>> KeptList::open(Driver& driver, const std::string& path,
                                                    std::uint32_t max_staleness, std::int64_t now) {
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    if (auto made = revocation::create_list_file(driver, path, max_staleness, now); !made) {
      return std::unexpected(made.error());
    }
    log(Level::notice, "made the list \"" + path + "\"");
  }
  auto read = revocation::read_list_file(driver, path, nullptr);
  if (!read) return std::unexpected(read.error());
  std::unique_ptr<KeptList> list(new KeptList(driver, path, std::move(*read)));
  list->confirm(now);
  return list;
}

bool KeptList::has_already(std::string_view name, const Entry& entry) const {
  const auto known = list().find(entry.hash);
  return known && known->revoked_at >= entry.revoked_at && known->until >= entry.until &&
         std::ranges::find(list().names(), name) != list().names().end();
}

void KeptList::add(std::string_view name, const Entry& entry, Done done) {
  if (has_already(name, entry)) {
    if (done) done({});
    return;
  }
  if (waiting_.size() >= kMaxWaiting) {
    // A server sends it again.
    if (done) {
      done(sealring::problem(Error::write_failed, "too many revocations wait to be written"));
    }
    return;
  }
  const auto [place, is_new] =
      waiting_.try_emplace({entry.hash, std::string(name)}, Waiting{entry, {}, {}});
  Waiting& waiting = place->second;
  waiting.entry.revoked_at = std::max(waiting.entry.revoked_at, entry.revoked_at);
  waiting.entry.until = std::max(waiting.entry.until, entry.until);
  if (done) waiting.done.push_back(std::move(done));
}

Milliseconds KeptList::tick(Milliseconds monotonic, std::int64_t now) {
  if (now != looked_at_) look(now);
  if (!waiting_.empty() && monotonic >= next_write_) {
    const bool written = write(now).has_value();
    const Milliseconds end = monotonic_now();
    next_write_ = written ? std::max(monotonic + kBetweenWrites,
                                     end + (kShareOfWriting - 1) * (end - monotonic))
                          : end + kBetweenTrials;
  }
  const std::int64_t bound = list().header().max_staleness;
  if (bound != 0 && now - confirmed_at_ >= bound / 4) confirm(now);
  const Milliseconds idle{1000};
  return waiting_.empty() ? idle : std::clamp(next_write_ - monotonic_now(), Milliseconds(0), idle);
}

Explained<void> KeptList::write(std::int64_t now) {
  if (waiting_.empty()) return {};
  const auto changed =
      revocation::update_list_file(driver_, path_, now, [this](revocation::Draft& draft) {
        // One that cannot be in a list must not keep the others out.
        for (auto& [key, waiting] : waiting_)
          waiting.outcome = draft.add(key.second, waiting.entry);
        return Explained<void>();
      });
  Explained<void> written;
  if (changed) {
    confirmed_at_ = now;
    written = read();
  } else {
    written = std::unexpected(changed.error());
  }
  report(written);
  finish(written);
  return written;
}

// What could not be written still waits, but nobody is promised anything.
void KeptList::finish(const Explained<void>& written) {
  std::map<std::pair<revocation::Hash, std::string>, Waiting> ended;
  if (written) {
    ended.swap(waiting_);
  } else {
    ended = waiting_;
    for (auto& [key, waiting] : waiting_) waiting.done.clear();
  }
  for (const auto& [key, waiting] : ended) {
    if (written && !waiting.outcome) {
      log(Level::error,
          "a revocation for \"" + path_ + "\" is refused: " + waiting.outcome.error().message);
    }
    for (const Done& done : waiting.done) done(written ? waiting.outcome : written);
  }
}

// Somebody else may have changed the file.
void KeptList::look(std::int64_t now) {
  looked_at_ = now;
  if (FileIdentity::of(path_) == seen_) return;
  report(read());
}

Explained<void> KeptList::read() {
  auto read = revocation::read_list_file(driver_, path_, &file_);
  if (!read) {
    seen_ = FileIdentity::of(path_);
    return std::unexpected(read.error());
  }
  file_ = std::move(read->file);
  seen_ = FileIdentity(read->stat);
  return {};
}

void KeptList::confirm(std::int64_t now) {
  confirmed_at_ = now;
  if (utimensat(AT_FDCWD, path_.c_str(), nullptr, 0) != 0) {
    report(sealring::problem(Error::write_failed, "list \"" + path_ + "\" cannot be confirmed: " +
                                                      std::strerror(errno)));
  }
  looked_at_ = 0;
}

void KeptList::report(const Explained<void>& outcome) {
  const std::string message = outcome ? "" : outcome.error().message;
  if (message == problem_) return;
  log(outcome ? Level::notice : Level::error,
      outcome ? "list \"" + path_ + "\" is good again" : message);
  problem_ = message;
}

}  // namespace sealring::agent
