// SPDX-License-Identifier: Apache-2.0
// A revocation list that is being changed: in memory, without a file.
#pragma once

#include <string>
#include <vector>

#include "revocation/list.h"

namespace sealring::revocation {

class Draft {
 public:
  // An empty list with a new salt. Error: the driver's.
  static Result<Draft> make(Driver& driver) noexcept;

  // An empty list that has this salt, because it is to be equal to others.
  static Draft with_salt(const Salt& salt) noexcept;

  // The next generation of a list.
  static Draft after(std::shared_ptr<const List> list);

  const Salt& salt() const noexcept { return header_.salt; }
  void set_max_staleness(std::uint32_t seconds) noexcept { header_.max_staleness = seconds; }

  // Revokes what has this hash under `name`. If that is revoked already, the later times count.
  // invalid_argument: the name or a time is out of its bounds, or there are too many names.
  Explained<void> add(std::string_view name, const Entry& entry);

  // The parts of this: a name that entries may have, and an entry that has one of the names.
  Explained<void> add_name(std::string_view name);
  Explained<void> add(const Entry& entry);

  // The same by a value. `name` "" with `value` "": everything.
  Explained<void> add(Driver& driver, std::string_view name, std::string_view value,
                      std::int64_t revoked_at, std::int64_t until);

  struct Written {
    std::vector<std::uint8_t> bytes;
    std::uint64_t generation;
    std::size_t entries;
    std::size_t added;    // and were not in the list before
    std::size_t dropped;  // because they have ended
  };
  // The file, without what has ended at `now`. Ends the draft.
  Explained<Written> write(Driver& driver, std::int64_t now) &&;

 private:
  std::shared_ptr<const List> list_;  // null: none
  Header header_;
  std::vector<std::string> names_;
  std::vector<Entry> added_;
};

}  // namespace sealring::revocation
