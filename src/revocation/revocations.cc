// SPDX-License-Identifier: Apache-2.0
#include "revocation/revocations.h"

#include <algorithm>

namespace sealring::revocation {

Explained<std::shared_ptr<Revocations>> Revocations::load(Driver& driver, const std::string& path) {
  using File = FollowedFile<ListFile>;
  auto file = File::load(
      path,
      [&driver](const std::string& absolute, const ListFile* in_use) -> Explained<File::Loaded> {
        auto read = read_list_file(driver, absolute, in_use);
        if (!read) return std::unexpected(std::move(read.error()));
        return File::Loaded{std::make_shared<const ListFile>(std::move(read->file)), read->stat};
      });
  if (!file) return std::unexpected(std::move(file.error()));
  return std::shared_ptr<Revocations>(new Revocations(std::move(*file)));
}

Explained<void> Revocations::refresh(std::int64_t now) {
  auto looked = file_->refresh(now);
  if (looked) return looked;
  return problem(looked.error().error,
                 looked.error().message + " (the list loaded before stays in use)");
}

bool Revocations::share(MutableBytes memory) noexcept {
  const auto attached = Pending::attach(memory, current()->list->header().salt);
  if (attached) pending_ = attached;
  return attached.has_value();
}

Snapshot::Snapshot(Sha256& sha_256, std::shared_ptr<const ListFile> file,
                   std::optional<Pending> pending)
    : sha_256_(&sha_256), file_(std::move(file)), pending_(pending) {
  const auto names = file_->list->names();
  names_.assign(names.begin(), names.end());
  if (pending_ && !file_->list->has_sids()) names_.push_back(kSid);
}

bool Snapshot::has(const Hashed& sought) const noexcept {
  const auto is_at_or_before = [&sought](std::int64_t revoked_at) {
    return sought.since <= static_cast<std::uint64_t>(revoked_at);
  };
  if (is_in_list(*sought.name)) {
    const auto entry = file_->list->find(sought.hash);
    if (entry && is_at_or_before(entry->revoked_at)) return true;
  }
  if (!is_in_pending(*sought.name)) return false;
  const auto revoked_at = pending_->find(sought.hash);
  return revoked_at && is_at_or_before(*revoked_at);
}

}  // namespace sealring::revocation
