// SPDX-License-Identifier: Apache-2.0
// Changing a revocation list's file: completely or not at all, one writer at a time
// (spec/revocations.md section 5).
#pragma once

#include <functional>

#include "revocation/draft.h"

namespace sealring::revocation {

// Creates an empty list, mode 0644 less the umask. write_failed if there is a file already.
Explained<void> create_list_file(Driver& driver, const std::string& path,
                                 std::uint32_t max_staleness, std::int64_t now);
// The same with what is in the draft.
Explained<void> create_list_file(Driver& driver, const std::string& path, Draft draft,
                                 std::int64_t now);

struct Change {
  std::uint64_t generation;  // that the list has now
  std::size_t entries;       // in it
  std::size_t added;
  std::size_t dropped;  // because they had ended
};

// Reads the file, lets `change` alter the list, drops what has ended, and replaces the file. Mode,
// ACL, owner and group are preserved. If a change fails, the file stays as it was. If `path` is a
// symbolic link, its target is replaced.
Explained<Change> update_list_file(Driver& driver, const std::string& path, std::int64_t now,
                                   const std::function<Explained<void>(Draft&)>& change);

// Writes the next generation of `list` to a file that is gone, damaged, or older than it. Error:
// the file is another list, one that others can change, or a newer one, or it cannot be written.
Explained<void> restore_list_file(Driver& driver, const std::string& path,
                                  std::shared_ptr<const List> list, std::int64_t now);

}  // namespace sealring::revocation
