// SPDX-License-Identifier: Apache-2.0
// A file that is checked once per second and, if it has changed, is read and replaced as a whole.
#pragma once

#include <sys/stat.h>

#include <functional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/published.h"

namespace sealring {

// Tells a replaced or rewritten file from the one that was seen last.
class FileIdentity {
 public:
  FileIdentity() = default;
  explicit FileIdentity(const struct stat& stat) noexcept;

  static FileIdentity of(const std::string& path) noexcept;

  bool operator==(const FileIdentity& other) const noexcept;

 private:
  dev_t device_ = 0;
  ino_t inode_ = 0;
  off_t size_ = 0;
  timespec modified_{}, changed_{};
  int error_ = 0;  // why it could not be checked
};

// Absolute, so that it names the same file after the process has changed its working directory.
std::string absolute_path(const std::string& path);

// Thread-safe, also in the child of a process that has threads.
template <class T>
class FollowedFile {
 public:
  struct Loaded {
    std::shared_ptr<const T> value;
    struct stat stat;  // from the descriptor that the value was read from
  };
  // Reads the file. `in_use` is the value that would be replaced, or null at first: a value that
  // must not go back in time can be refused.
  using Load = std::function<Explained<Loaded>(const std::string& path, const T* in_use)>;

  static Explained<std::unique_ptr<FollowedFile>> load(const std::string& path, Load load) {
    std::string absolute = absolute_path(path);
    auto loaded = load(absolute, nullptr);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    return std::unique_ptr<FollowedFile>(
        new FollowedFile(std::move(absolute), std::move(load), std::move(*loaded)));
  }

  const std::string& path() const noexcept { return path_; }
  std::shared_ptr<const T> current() const noexcept { return current_.get(); }
  std::uint64_t generation() const noexcept { return current_.generation(); }

  // Checks the file unless that was done in this second, and loads it if it has changed. One thread
  // does this; the others go on with the value in use. If the file is refused, the value in use
  // stays and the file is tried again every second, because the cause may be elsewhere (no free
  // descriptor). One caller gets the error, and one more whenever the file or the message changes.
  Explained<void> refresh(std::int64_t now) {
    // "!=" and not ">": the clock may have been set back.
    if (now == looked_at_.load(std::memory_order_relaxed)) return {};
    const Turn turn(looking_);
    if (!turn.taken() || looked_at_.exchange(now) == now) return {};
    const FileIdentity identity = FileIdentity::of(path_);
    if (identity == seen_ && refusal_.empty()) return {};
    auto loaded = load_(path_, current().get());
    if (loaded) {
      // In this order: a child that is forked in between loads the file again and misses nothing.
      current_.put(std::move(loaded->value));
      saw(FileIdentity(loaded->stat), {});
      return {};
    }
    const bool is_known = identity == seen_ && loaded.error().message == refusal_;
    saw(identity, loaded.error().message);
    if (is_known) return {};
    return std::unexpected(std::move(loaded.error()));
  }

 private:
  FollowedFile(std::string path, Load load, Loaded first)
      : path_(std::move(path)),
        load_(std::move(load)),
        current_(std::move(first.value)),
        seen_(first.stat) {}

  // The lock is for fork(): the child must find both members whole.
  void saw(const FileIdentity& identity, std::string refusal) noexcept {
    const ForkLock lock;
    seen_ = identity;
    refusal_.swap(refusal);
  }

  const std::string path_;
  const Load load_;
  Published<T> current_;
  std::atomic<std::int64_t> looked_at_{INT64_MIN};
  std::atomic<std::uint64_t> looking_{0};  // whose turn it is to change what follows
  FileIdentity seen_;
  std::string refusal_;  // why the file last seen is not in use; empty if it is
};

}  // namespace sealring
