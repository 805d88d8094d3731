// SPDX-License-Identifier: Apache-2.0
// All that a server knows to be revoked: the list, whose file it follows, and what it has revoked
// itself.
#pragma once

#include "base/followed_file.h"
#include "revocation/list_file.h"
#include "revocation/pending.h"

namespace sealring::revocation {

// Thread-safe, also in the child of a process that has threads; what Pending says applies to what
// is in shared memory. The driver must outlive it.
class Revocations {
 public:
  static Explained<std::shared_ptr<Revocations>> load(Driver& driver, const std::string& path);

  const std::string& path() const noexcept { return file_->path(); }
  std::shared_ptr<const ListFile> current() const noexcept { return file_->current(); }
  std::uint64_t generation() const noexcept { return file_->generation(); }

  // See FollowedFile::refresh.
  Explained<void> refresh(std::int64_t now);

  // Before others use it. False if the memory is too small.
  bool share(MutableBytes memory) noexcept;
  std::optional<Pending> pending() const noexcept { return pending_; }

 private:
  explicit Revocations(std::unique_ptr<FollowedFile<ListFile>> file) noexcept
      : file_(std::move(file)) {}

  const std::unique_ptr<FollowedFile<ListFile>> file_;
  std::optional<Pending> pending_;
};

// What was revoked at one moment. For one thread.
class Snapshot {
 public:
  Snapshot(Driver& driver, std::shared_ptr<const ListFile> file, std::optional<Pending> pending);

  const ListFile& file() const noexcept { return *file_; }
  Result<Hash> hash(std::string_view name, std::string_view value) const noexcept {
    return hash_of(*driver_, file_->list->header().salt, name, value);
  }

  // The names that are to be looked up.
  std::span<const std::string_view> names() const noexcept { return names_; }

  // Whether a value of one of these names was revoked, if what has it began at `since`. A value
  // that is too long to be revoked was not. Errors: of the driver.
  Result<bool> has(std::string_view name, std::string_view value,
                   std::uint64_t since) const noexcept;

 private:
  Driver* driver_;
  std::shared_ptr<const ListFile> file_;
  std::optional<Pending> pending_;
  std::vector<std::string_view> names_;
  bool list_has_sids_ = false;
};

}  // namespace sealring::revocation
