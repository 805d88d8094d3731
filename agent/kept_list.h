// SPDX-License-Identifier: Apache-2.0
// A revocation list that this agent keeps: what it is told waits for the next batch, which is
// written as a whole. The list in the file is all that it remembers.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/followed_file.h"
#include "loop.h"
#include "revocation/draft.h"
#include "revocation/list_file.h"

namespace sealring::agent {

class KeptList {
 public:
  // Called when the file has the revocation and is synced, or with the reason why not.
  using Done = std::function<void(const Explained<void>&)>;
  // Called with each entry that is new in the file, or later than before, whoever has written it.
  using New = std::function<void(const revocation::Entry&, std::optional<std::int64_t> replaced)>;

  // There need not be a file yet: see make().
  static Explained<std::unique_ptr<KeptList>> open(Driver& driver, const std::string& path,
                                                   std::int64_t now);

  const std::string& path() const noexcept { return path_; }
  bool has_file() const noexcept { return file_.list != nullptr; }
  // If it has a file.
  const revocation::List& list() const noexcept { return *file_.list; }
  const revocation::ListFile& file() const noexcept { return file_; }
  std::size_t waiting() const noexcept { return waiting_.size(); }
  // How many revocations that it did not have came from this machine, and from the store.
  std::uint64_t received_locally() const noexcept { return received_locally_; }
  std::uint64_t received_from_store() const noexcept { return received_from_store_; }
  // Why the last batch could not be written, the file could not be read, or servers cannot be told
  // how fresh it is; "" if that was done.
  const std::string& problem() const noexcept { return problem_.empty() ? unconfirmed_ : problem_; }

  // Makes the file, with this salt or a new one.
  Explained<void> make(std::optional<revocation::Salt> salt, std::uint32_t max_staleness,
                       std::int64_t now);
  void on_new(New on_new) { on_new_ = std::move(on_new); }

  // An empty name: it revokes everything. `done` may be empty.
  void add(std::string_view name, const revocation::Entry& entry, Done done);
  // The same with a name and a value; `done` is also told if they are too long, or if there is no
  // file yet.
  void revoke(std::string_view name, std::string_view value, std::int64_t revoked_at,
              std::int64_t until, Done done);
  // Whether the file has a revocation of this name and value.
  bool has(std::string_view name, std::string_view value) const;
  // Entries that have some of these names.
  void add_all(std::span<const std::string> names, std::span<const revocation::Entry> entries);

  // The next generation has it.
  void set_max_staleness(std::uint32_t seconds) noexcept { max_staleness_ = seconds; }
  // Whether this agent knows all that is revoked: only then servers are told that the list is
  // fresh.
  void set_in_touch(bool in_touch) noexcept { in_touch_ = in_touch; }

  // Does what is due and says how long nothing else is.
  Milliseconds tick(Milliseconds monotonic, std::int64_t now);

  // Writes what waits, now.
  Explained<void> write(std::int64_t now);

 private:
  struct Waiting {
    revocation::Entry entry;
    std::vector<Done> done;
    Explained<void> outcome;
  };
  // The hash and the name, if that is known.
  using Key = std::pair<revocation::Hash, std::optional<std::string>>;

  KeptList(Driver& driver, std::string path) : driver_(driver), path_(std::move(path)) {}

  bool has_already(std::string_view name, const revocation::Entry& entry) const;
  // Whether it does not wait yet.
  bool wait(Key key, const revocation::Entry& entry, Done done);
  Explained<void> add_to(revocation::Draft& draft);
  void finish(const Explained<void>& written);
  void look(std::int64_t now);
  Explained<void> read();
  void tell_new(const revocation::List& old) const;
  void confirm(std::int64_t now);
  Explained<void> set_times(std::int64_t confirmed_at);
  void report(const Explained<void>& outcome);
  void report(std::string& known, const Explained<void>& outcome, const char* good) const;

  Driver& driver_;
  const std::string path_;
  New on_new_;
  revocation::ListFile file_;
  FileIdentity seen_;
  std::map<Key, Waiting> waiting_;
  std::set<std::string> waiting_names_;
  std::optional<std::uint32_t> max_staleness_;
  std::uint64_t received_locally_ = 0, received_from_store_ = 0;
  bool in_touch_ = true;
  Milliseconds next_write_{0};
  std::int64_t looked_at_ = 0, confirmed_at_ = 0;
  std::string problem_;      // with the list or its file
  std::string unconfirmed_;  // why its times could not be set
};

}  // namespace sealring::agent
