// SPDX-License-Identifier: Apache-2.0
#include "kept_list.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "log.h"
#include "revocation/writer.h"

namespace sealring::agent {
namespace {

using revocation::Entry;
using revocation::List;

// A batch is written at once if the last one was this long ago, and writing takes at most a quarter
// of the time.
constexpr Milliseconds kBetweenWrites{100};
constexpr int kShareOfWriting = 4;
constexpr Milliseconds kBetweenTrials{1000};  // when a batch cannot be written
constexpr Milliseconds kIdle{1000};
constexpr std::size_t kMaxWaiting = 200'000;
constexpr std::int64_t kConfirmations = 4;  // in each max_staleness

bool covers(const Entry& one, const Entry& other) {
  return one.revoked_at >= other.revoked_at && one.until >= other.until;
}

}  // namespace

Explained<std::unique_ptr<KeptList>> KeptList::open(Driver& driver, const std::string& path,
                                                    std::int64_t now) {
  std::unique_ptr<KeptList> list(new KeptList(driver, path));
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) return list;
  auto read = revocation::read_list_file(driver, path, nullptr);
  if (!read) return std::unexpected(read.error());
  list->file_ = std::move(read->file);
  list->confirmed_at_ = std::min(list->file_.confirmed_at, now);
  return list;
}

Explained<void> KeptList::make(std::optional<revocation::Salt> salt, std::uint32_t max_staleness,
                               std::int64_t now) {
  auto draft = salt ? revocation::Draft::with_salt(*salt) : revocation::Draft::make(driver_);
  if (!draft) return sealring::problem(draft.error(), "there are no random bytes for a new list");
  draft->set_max_staleness(max_staleness);
  auto made = revocation::create_list_file(driver_, path_, std::move(*draft), now);
  if (made) made = read();
  if (made) log(Level::notice, "made the list \"" + path_ + "\"");
  report(made);
  return made;
}

bool KeptList::has_already(std::string_view name, const Entry& entry) const {
  if (!has_file()) return false;
  const auto known = list().find(entry.hash);
  return known && covers(*known, entry) &&
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
  if (wait({entry.hash, std::string(name)}, entry, std::move(done))) ++received_locally_;
}

void KeptList::revoke(std::string_view name, std::string_view value, std::int64_t revoked_at,
                      std::int64_t until, Done done) {
  if (!has_file()) {
    return done(sealring::problem(Error::write_failed,
                                  "the list \"" + path_ + "\" waits for the store, to be made"));
  }
  const auto hash = revocation::hash_of(driver_, list().header().salt, name, value);
  if (!hash) {
    return done(sealring::problem(hash.error(),
                                  "this cannot be revoked: the name or the value is too long"));
  }
  std::array<char, revocation::kMaxNameSize> lower;
  add(revocation::in_lower_case(name, lower), {*hash, revoked_at, until}, std::move(done));
}

bool KeptList::has(std::string_view name, std::string_view value) const {
  if (!has_file()) return false;
  const auto hash = revocation::hash_of(driver_, list().header().salt, name, value);
  return hash && list().find(*hash).has_value();
}

void KeptList::add_all(std::span<const std::string> names, std::span<const Entry> entries) {
  // Names alone are not kept in a list without entries.
  if (entries.empty() && (!has_file() || list().size() == 0)) return;
  waiting_names_.insert(names.begin(), names.end());
  for (const Entry& entry : entries) {
    if (wait({entry.hash, std::nullopt}, entry, {})) ++received_from_store_;
  }
}

bool KeptList::wait(Key key, const Entry& entry, Done done) {
  const auto [place, is_new] = waiting_.try_emplace(std::move(key), Waiting{entry, {}, {}});
  Waiting& waiting = place->second;
  waiting.entry.revoked_at = std::max(waiting.entry.revoked_at, entry.revoked_at);
  waiting.entry.until = std::max(waiting.entry.until, entry.until);
  if (done) waiting.done.push_back(std::move(done));
  return is_new;
}

Milliseconds KeptList::tick(Milliseconds monotonic, std::int64_t now) {
  if (!has_file()) return kIdle;
  if (now != looked_at_) {
    look(now);
    confirm(now);
  }
  const bool is_outdated = max_staleness_ && *max_staleness_ != list().header().max_staleness;
  const bool has_work = !waiting_.empty() || !waiting_names_.empty() || is_outdated;
  if (!has_work) return kIdle;
  if (monotonic < next_write_) return next_write_ - monotonic;
  const bool written = write(now).has_value();
  const Milliseconds end = monotonic_now();
  next_write_ = written ? std::max(monotonic + kBetweenWrites,
                                   end + (kShareOfWriting - 1) * (end - monotonic))
                        : end + kBetweenTrials;
  // Who was told that it is written may have had more.
  return waiting_.empty() ? kIdle : next_write_ - end;
}

Explained<void> KeptList::add_to(revocation::Draft& draft) {
  if (max_staleness_) draft.set_max_staleness(*max_staleness_);
  for (const std::string& name : waiting_names_) {
    // One that has no place must not keep the entries out.
    if (const auto added = draft.add_name(name); !added) {
      log(Level::error, "list \"" + path_ + "\": " + added.error().message);
    }
  }
  // One that cannot be in a list must not keep the others out.
  for (auto& [key, waiting] : waiting_) {
    waiting.outcome = key.second ? draft.add(*key.second, waiting.entry) : draft.add(waiting.entry);
  }
  return {};
}

Explained<void> KeptList::write(std::int64_t now) {
  if (!has_file()) return {};
  const auto changed = revocation::update_list_file(
      driver_, path_, now, [this](revocation::Draft& draft) { return add_to(draft); });
  Explained<void> written;
  if (changed) {
    // A new file looks fresh. It is not, if this agent does not know what others have revoked.
    if (in_touch_) {
      confirmed_at_ = now;
    } else {
      set_times(confirmed_at_);  // else confirm() tries again
    }
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
  std::map<Key, Waiting> ended;
  if (written) {
    ended.swap(waiting_);
    waiting_names_.clear();
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

// Somebody else may have changed the file. One that is no longer this list is written again.
void KeptList::look(std::int64_t now) {
  looked_at_ = now;
  if (FileIdentity::of(path_) == seen_ && problem_.empty()) return;
  const auto before = file_.list;
  auto outcome = read();
  if (outcome && file_.list == before) {
    // Of a list with the same header, nothing else was read.
    const auto whole = revocation::read_list_file(driver_, path_, nullptr);
    if (!whole) outcome = std::unexpected(whole.error());
  }
  if (!outcome) {
    const auto restored = revocation::restore_list_file(driver_, path_, file_.list, now);
    if (restored) {
      log(Level::error, outcome.error().message + "; it is written again");
      outcome = read();
    } else {
      outcome.error().message += "; it cannot be written again: " + restored.error().message;
    }
  }
  report(outcome);
  // A new file looks fresh, also that of another writer.
  if (file_.list != before && !in_touch_) set_times(confirmed_at_);
}

// Tells servers that the list is fresh, and repeats what they could not be told.
void KeptList::confirm(std::int64_t now) {
  const std::int64_t bound = list().header().max_staleness;
  const bool is_due = bound != 0 && in_touch_ && now - confirmed_at_ >= bound / kConfirmations;
  if (!is_due && unconfirmed_.empty()) return;
  const std::int64_t confirmed_at = in_touch_ ? now : confirmed_at_;
  if (set_times(confirmed_at)) confirmed_at_ = confirmed_at;
}

Explained<void> KeptList::read() {
  seen_ = FileIdentity::of(path_);
  auto read = revocation::read_list_file(driver_, path_, has_file() ? &file_ : nullptr);
  if (!read) return std::unexpected(read.error());
  seen_ = FileIdentity(read->stat);
  const auto old = std::exchange(file_, std::move(read->file)).list;
  if (old && old != file_.list) tell_new(*old);
  return {};
}

// Both are sorted.
void KeptList::tell_new(const List& old) const {
  if (!on_new_) return;
  std::size_t next = 0;
  for (std::size_t i = 0; i < list().size(); ++i) {
    const Entry entry = list().at(i);
    while (next < old.size() && old.at(next).hash < entry.hash) ++next;
    std::optional<Entry> known;
    if (next < old.size() && old.at(next).hash == entry.hash) known = old.at(next);
    if (known && covers(*known, entry)) continue;
    on_new_(entry, known ? std::optional(known->revoked_at) : std::nullopt);
  }
}

Explained<void> KeptList::set_times(std::int64_t confirmed_at) {
  const timespec time{confirmed_at, 0};
  const std::array<timespec, 2> times{time, time};
  Explained<void> set;
  if (utimensat(AT_FDCWD, path_.c_str(), times.data(), 0) != 0) {
    set = sealring::problem(Error::write_failed,
                            "list \"" + path_ + "\" cannot be confirmed: " + std::strerror(errno));
  } else {
    looked_at_ = 0;
  }
  report(unconfirmed_, set, "can be confirmed again");
  return set;
}

void KeptList::report(const Explained<void>& outcome) {
  report(problem_, outcome, "is good again");
}

void KeptList::report(std::string& known, const Explained<void>& outcome, const char* good) const {
  const std::string message = outcome ? "" : outcome.error().message;
  if (message == known) return;
  log(outcome ? Level::notice : Level::error, outcome ? "list \"" + path_ + "\" " + good : message);
  known = message;
}

}  // namespace sealring::agent
