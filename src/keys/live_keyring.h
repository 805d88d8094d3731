// SPDX-License-Identifier: Apache-2.0
// The key ring in use: follows its file, if it has one, and swaps a changed ring in whole.
#pragma once

#include <atomic>
#include <mutex>

#include "keys/keyring.h"
#include "keys/keyring_file.h"

namespace sealring {

// Thread-safe. The driver must outlive it.
class LiveKeyring {
 public:
  // A ring that never changes.
  static Explained<std::shared_ptr<LiveKeyring>> make(Driver& driver, std::vector<Key> keys);

  // The ring of a file.
  static Explained<std::shared_ptr<LiveKeyring>> load(Driver& driver, std::string path);

  // What `base` has now and after every change, with `more` keys behind. Reads no file but through
  // `base`.
  static Explained<std::shared_ptr<LiveKeyring>> extend(std::shared_ptr<LiveKeyring> base,
                                                        std::vector<Key> more);

  std::shared_ptr<const Keyring> current() const;

  // Rises with each change of current(): one load tells a sealer that it is up to date.
  std::uint64_t generation() const noexcept { return generation_.load(std::memory_order_acquire); }

  // Looks at the file unless that was done in this second, and loads it if it is another one than
  // last time. A file that is refused leaves the ring in use and is tried again every second, for
  // the reason may lie elsewhere (no descriptor left). It is reported to one caller only, and again
  // when the file or the reason changes.
  Explained<void> refresh(std::int64_t now);

 private:
  // What tells a replaced or rewritten file from the one that was looked at last.
  struct Identity {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    timespec modified{}, changed{};
    int error = 0;  // why it could not be looked at

    bool operator==(const Identity& other) const noexcept;
  };
  static Identity identity_of(const struct stat& stat);
  static Identity look(const std::string& path);

  LiveKeyring(Driver& driver, std::string path) : driver_(driver), path_(std::move(path)) {}

  Explained<std::shared_ptr<const Keyring>> load_file(Identity& identity) const;
  Explained<void> follow_file();
  Explained<std::shared_ptr<const Keyring>> extend_base() const;
  Explained<void> follow_base(std::int64_t now);
  void put_in_use(std::shared_ptr<const Keyring> ring) noexcept;
  std::unexpected<Problem> named(const Problem& problem) const;

  Driver& driver_;
  const std::string path_;             // of the file that is followed, also through a base
  std::shared_ptr<LiveKeyring> base_;  // set once, as is `more_`; null: none
  std::vector<Key> more_;

  mutable std::mutex mutex_;  // guards what follows, not the loading
  std::shared_ptr<const Keyring> current_;
  Identity seen_;
  std::string refusal_;  // why the file last seen is not in use; empty: it is
  std::uint64_t base_generation_ = 0;

  std::atomic<std::uint64_t> generation_{1};
  std::atomic<std::int64_t> looked_at_{INT64_MIN};
};

}  // namespace sealring
