// SPDX-License-Identifier: Apache-2.0
// A revocation list's file (spec/revocations.md section 3).
#pragma once

#include <sys/stat.h>

#include "revocation/list.h"

namespace sealring::revocation {

inline constexpr std::string_view kListKind = "revocation list";

// The list, and when its file was last written or confirmed.
struct ListFile {
  std::shared_ptr<const List> list;
  std::int64_t confirmed_at = 0;

  // Whether it may be out of date.
  bool is_stale(std::int64_t now) const noexcept {
    const auto bound = static_cast<std::int64_t>(list->header().max_staleness);
    return bound != 0 && confirmed_at < now - bound;
  }
};

struct ReadList {
  ListFile file;
  struct stat stat;
};

// Refuses a file that others than its owner can write, and one that is not a whole list. If there
// is a list in use, refuses all but the same one and its successors; of the same one only the
// header is read.
Explained<ReadList> read_list_file(Driver& driver, const std::string& path, const ListFile* in_use);

// The same for a file that is already open, and no list in use.
Explained<ReadList> read_list_file(Driver& driver, const std::string& path, int descriptor);

}  // namespace sealring::revocation
