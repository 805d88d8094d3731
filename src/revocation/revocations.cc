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

Snapshot::Snapshot(Driver& driver, std::shared_ptr<const ListFile> file,
                   std::optional<Pending> pending)
    : driver_(&driver), file_(std::move(file)), pending_(pending) {
  const auto names = file_->list->names();
  names_.assign(names.begin(), names.end());
  list_has_sids_ = std::ranges::find(names, kSid) != names.end();
  if (pending_ && !list_has_sids_) names_.push_back(kSid);
}

Result<bool> Snapshot::has(std::string_view name, std::string_view value,
                           std::uint64_t since) const noexcept {
  const bool is_sid = name == kSid;
  const bool in_list = !is_sid || list_has_sids_;
  const bool in_pending = is_sid && pending_ && pending_->count() != 0;
  if ((!in_list && !in_pending) || value.size() > kMaxValueSize) return false;
  const auto hashed = hash(name, value);
  if (!hashed) return std::unexpected(hashed.error());
  const auto is_at_or_before = [since](std::int64_t revoked_at) {
    return since <= static_cast<std::uint64_t>(revoked_at);
  };
  if (in_list) {
    const auto entry = file_->list->find(*hashed);
    if (entry && is_at_or_before(entry->revoked_at)) return true;
  }
  if (!in_pending) return false;
  const auto revoked_at = pending_->find(*hashed);
  return revoked_at && is_at_or_before(*revoked_at);
}

}  // namespace sealring::revocation
