// SPDX-License-Identifier: Apache-2.0
#include "base/readable_by.h"

#include <grp.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace sealring {
namespace {

std::string group_name(gid_t group) {
  const struct group* entry = getgrgid(group);
  return entry != nullptr ? entry->gr_name : std::to_string(group);
}

}  // namespace

std::optional<std::string> hindrance_to_read(const std::string& path, std::string_view kind,
                                             const Process& process) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::canonical(path, error);
  if (error) return error.message();
  const std::string name = group_name(process.group);
  for (auto folder = file.parent_path();; folder = folder.parent_path()) {
    const auto found = permissions_of(folder);
    if (!found) return std::strerror(errno);
    if (!may(process, kExecute, found->stat, as_bytes(found->acl))) {
      return "the group " + name + " cannot enter the folder " + folder.string() + "; move the " +
             std::string(kind) + ", or run: " +
             (found->acl.empty()
                  ? "chgrp " + name + " " + folder.string() + " && chmod g+x " + folder.string()
                  : "setfacl -m g:" + name + ":x " + folder.string());
    }
    if (folder == folder.root_path()) break;
  }
  const auto found = permissions_of(file);
  if (!found) return std::strerror(errno);
  if (may(process, kRead, found->stat, as_bytes(found->acl))) return std::nullopt;
  return "the group " + name + " cannot read it; run: " +
         (found->acl.empty() ? "chgrp " + name + " " + path + " && chmod 640 "
                             : "setfacl -m g:" + name + ":r ") +
         path;
}

}  // namespace sealring
