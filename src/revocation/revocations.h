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

// A value that may have been revoked, and when what has it began.
struct Sought {
  std::string_view value;
  std::uint64_t since;
};

// What was revoked at one moment. For one thread.
class Snapshot {
 public:
  // `sha_256` must outlive it.
  Snapshot(Sha256& sha_256, std::shared_ptr<const ListFile> file, std::optional<Pending> pending);

  const ListFile& file() const noexcept { return *file_; }
  Result<Hash> hash(std::string_view name, std::string_view value) const noexcept {
    return hash_of(*sha_256_, file_->list->header().salt, name, value);
  }

  // Whether something was revoked, by any name in use. `sought_of(name)` is its value of a name, an
  // optional<Sought>. A value that is too long to be revoked was not. Errors: of the driver.
  template <class SoughtOf>
  Result<bool> has_any(SoughtOf sought_of) const noexcept {
    // Reading the list's memory takes as long as a hash, so what is to be read is on its way while
    // the next hash is calculated.
    Hashed hashed[kMaxNames + 1];
    std::size_t count = 0;
    for (const std::string_view& name : names_) {
      if (!is_in_list(name) && !is_in_pending(name)) continue;
      const std::optional<Sought> sought = sought_of(name);
      if (!sought || sought->value.size() > kMaxValueSize) continue;
      const auto hash = this->hash(name, sought->value);
      if (!hash) return std::unexpected(hash.error());
      if (is_in_list(name)) file_->list->prefetch(*hash);
      hashed[count++] = {&name, sought->since, *hash};
    }
    for (std::size_t i = 0; i < count; ++i) {
      if (has(hashed[i])) return true;
    }
    return false;
  }

  // Whether the session was revoked whose sid has this hash.
  bool has_sid(const Hash& hash) const noexcept { return has({&kSid, 0, hash}); }

 private:
  struct Hashed {  // not initialized
    const std::string_view* name;
    std::uint64_t since;
    Hash hash;
  };

  bool is_in_list(std::string_view name) const noexcept {
    return name != kSid || file_->list->has_sids();
  }
  bool is_in_pending(std::string_view name) const noexcept {
    return pending_ && name == kSid && pending_->count() != 0;
  }
  bool has(const Hashed& sought) const noexcept;

  Sha256* sha_256_;
  std::shared_ptr<const ListFile> file_;
  std::optional<Pending> pending_;
  std::vector<std::string_view> names_;
};

}  // namespace sealring::revocation
