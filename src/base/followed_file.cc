// SPDX-License-Identifier: Apache-2.0
#include "base/followed_file.h"

#include <cerrno>
#include <filesystem>

namespace sealring {

FileIdentity::FileIdentity(const struct stat& stat) noexcept
    : device_(stat.st_dev),
      inode_(stat.st_ino),
      size_(stat.st_size),
      modified_(stat.st_mtim),
      changed_(stat.st_ctim) {}

FileIdentity FileIdentity::of(const std::string& path) noexcept {
  struct stat stat{};
  if (::stat(path.c_str(), &stat) == 0) return FileIdentity(stat);
  FileIdentity none;
  none.error_ = errno;
  return none;
}

bool FileIdentity::operator==(const FileIdentity& other) const noexcept {
  const auto equal = [](const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
  };
  return device_ == other.device_ && inode_ == other.inode_ && size_ == other.size_ &&
         equal(modified_, other.modified_) && equal(changed_, other.changed_) &&
         error_ == other.error_;
}

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();  // the folder is gone; opening the file reports it
}

}  // namespace sealring
