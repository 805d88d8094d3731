// SPDX-License-Identifier: Apache-2.0
// The key ring in use. If it has a file, it follows the file and replaces a changed ring as a
// whole.
#pragma once

#include "crypto/driver.h"
#include "keys/keyring.h"

namespace sealring {

// Thread-safe, also in the child of a process that has threads. The driver must outlive it.
class LiveKeyring {
 public:
  // A ring that never changes.
  static Explained<std::shared_ptr<LiveKeyring>> make(std::vector<Key> keys);

  // The ring in a file.
  static Explained<std::shared_ptr<LiveKeyring>> load(Driver& driver, const std::string& path);

  // The keys of `base`, now and after every change, followed by the keys of `more`. It does not
  // read a file itself.
  static Explained<std::shared_ptr<LiveKeyring>> extend(std::shared_ptr<LiveKeyring> base,
                                                        std::vector<Key> more);

  virtual ~LiveKeyring() = default;

  // The file that is followed, also if through a base. "" if there is none.
  virtual const std::string& path() const noexcept = 0;

  virtual std::shared_ptr<const Keyring> current() const noexcept = 0;

  // When the file of current() was changed last. 0 if there is none.
  virtual std::int64_t written_at() const noexcept = 0;

  // Rises with each change of current(), so that a sealer can check with one load whether it is up
  // to date.
  virtual std::uint64_t generation() const noexcept = 0;

  // See FollowedFile::refresh.
  virtual Explained<void> refresh(std::int64_t now) = 0;
};

}  // namespace sealring
