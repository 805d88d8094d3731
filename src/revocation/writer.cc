// SPDX-License-Identifier: Apache-2.0
#include "revocation/writer.h"

#include <cerrno>

#include "base/replaced_file.h"
#include "revocation/list_file.h"

namespace sealring::revocation {
namespace {

std::unexpected<Problem> not_changed(const std::string& path, const Problem& why) {
  return problem(why.error,
                 std::string(kListKind) + " \"" + path + "\" was not changed: " + why.message);
}

}  // namespace

Explained<void> create_list_file(Driver& driver, const std::string& path,
                                 std::uint32_t max_staleness, std::int64_t now) {
  auto draft = Draft::make(driver);
  if (!draft) return not_changed(path, {draft.error(), "the crypto driver has no random bytes"});
  draft->set_max_staleness(max_staleness);
  return create_list_file(driver, path, std::move(*draft), now);
}

Explained<void> create_list_file(Driver& driver, const std::string& path, Draft draft,
                                 std::int64_t now) {
  const auto written = std::move(draft).write(driver, now);
  if (!written) return not_changed(path, written.error());
  return create_file(kListKind, path, 0644, as_text(written->bytes), "");
}

Explained<Change> update_list_file(Driver& driver, const std::string& path, std::int64_t now,
                                   const std::function<Explained<void>(Draft&)>& change) {
  const auto file = FileToReplace::lock(kListKind, path);
  if (!file) return std::unexpected(file.error());
  auto old = read_list_file(driver, path, file->descriptor());
  if (!old) return std::unexpected(old.error());
  Draft draft = Draft::after(std::move(old->file.list));
  if (auto changed = change(draft); !changed) return not_changed(path, changed.error());
  const auto written = std::move(draft).write(driver, now);
  if (!written) return not_changed(path, written.error());
  if (auto replaced = file->replace(as_text(written->bytes), old->stat); !replaced) {
    return std::unexpected(replaced.error());
  }
  return Change{written->generation, written->entries, written->added, written->dropped};
}

Explained<void> restore_list_file(Driver& driver, const std::string& path,
                                  std::shared_ptr<const List> list, std::int64_t now) {
  const Header& known = list->header();
  const auto next = [&] { return Draft::after(list); };
  if (struct stat there{}; stat(path.c_str(), &there) != 0 && errno == ENOENT) {
    return create_list_file(driver, path, next(), now);
  }
  const auto file = FileToReplace::lock(kListKind, path);
  if (!file) return std::unexpected(file.error());
  struct stat like{};
  if (fstat(file->descriptor(), &like) != 0 || !S_ISREG(like.st_mode) ||
      (like.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return not_changed(path, {Error::invalid_revocations, "others than its owner can change it"});
  }
  const auto found = read_list_file(driver, path, file->descriptor());
  // It may be good, and newer.
  if (!found && found.error().error != Error::invalid_revocations) {
    return not_changed(path, found.error());
  }
  if (found) {
    const Header& header = found->file.list->header();
    if (header.salt != known.salt || header.generation > known.generation) {
      return not_changed(path, {Error::invalid_revocations, "it is another list or a newer one"});
    }
  }
  const auto written = next().write(driver, now);
  if (!written) return not_changed(path, written.error());
  return file->replace(as_text(written->bytes), like);
}

}  // namespace sealring::revocation
