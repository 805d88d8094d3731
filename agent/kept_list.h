// SPDX-License-Identifier: Apache-2.0
// A revocation list that this agent keeps: what it is told waits for the next batch, which is
// written as a whole. The list in the file is all that it remembers.
#pragma once

#include <functional>
#include <map>
#include <memory>
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

  // Makes the list if there is no file.
  static Explained<std::unique_ptr<KeptList>> open(Driver& driver, const std::string& path,
                                                   std::uint32_t max_staleness, std::int64_t now);

  const std::string& path() const noexcept { return path_; }
  const revocation::List& list() const noexcept { return *file_.list; }
  std::size_t waiting() const noexcept { return waiting_.size(); }
  // Why the last batch could not be written or the file could not be read; "" if that was done.
  const std::string& problem() const noexcept { return problem_; }

  // An empty name: it revokes everything. `done` may be empty.
  void add(std::string_view name, const revocation::Entry& entry, Done done);

  // Does what is due and says how long nothing else is.
  Milliseconds tick(Milliseconds monotonic, std::int64_t now);

  // Writes what waits, now.
  Explained<void> write(std::int64_t now);

 private:
  KeptList(Driver& driver, std::string path, revocation::ReadList read);

  bool has_already(std::string_view name, const revocation::Entry& entry) const;
  void finish(const Explained<void>& written);
  void look(std::int64_t now);
  Explained<void> read();
  void confirm(std::int64_t now);
  void report(const Explained<void>& outcome);

  Driver& driver_;
  const std::string path_;
  revocation::ListFile file_;
  FileIdentity seen_;
  struct Waiting {
    revocation::Entry entry;
    std::vector<Done> done;
    Explained<void> outcome;
  };
  // By the hash and the name.
  std::map<std::pair<revocation::Hash, std::string>, Waiting> waiting_;
  Milliseconds next_write_{0};
  std::int64_t looked_at_ = 0, confirmed_at_ = 0;
  std::string problem_;
};

}  // namespace sealring::agent
