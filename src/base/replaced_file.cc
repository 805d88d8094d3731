// SPDX-License-Identifier: Apache-2.0
#include "base/replaced_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/base64url.h"
#include "base/permissions.h"

namespace sealring {
namespace {

std::string named(std::string_view kind, const std::string& path) {
  return std::string(kind) + " \"" + path + '"';
}

std::unexpected<Problem> write_failed(const std::string& name, int code, const char* step) {
  return problem(Error::write_failed,
                 name + " was not changed: " + step + ": " + std::strerror(code));
}

// Like mkostemp, but with a mode, from which open(2) removes the umask. The umask is not changed,
// because another thread may be using it.
Descriptor create_beside(std::string& name, const std::string& path, mode_t mode) {
  for (;;) {
    std::array<std::uint8_t, 6> random;
    if (getentropy(random.data(), random.size()) != 0) return Descriptor(-1);
    name = path + "." + base64url::encode(random).substr(0, 6);
    Descriptor file(open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file.is_open() || errno != EEXIST) return file;
  }
}

// The new content under a temporary name in the same folder, from where it can replace the file in
// one step. Removed again if it did not.
class TemporaryFile {
 public:
  TemporaryFile(const std::string& path, mode_t mode) : file_(create_beside(name_, path, mode)) {}
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (file_.is_open()) unlink(name_.c_str());
  }

  bool is_open() const { return file_.is_open(); }
  const char* name() const { return name_.c_str(); }
  int descriptor() const { return file_.get(); }
  void keep() { file_ = Descriptor(-1); }

  bool write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t count = ::write(file_.get(), text.data(), text.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return false;
      text.remove_prefix(static_cast<std::size_t>(count));
    }
    return fsync(file_.get()) == 0;
  }

 private:
  std::string name_;
  Descriptor file_;
};

// A user who may not give files away may not need to. The group of a new file may be its folder's.
bool keep_owner(int file, const struct stat& like) {
  struct stat made{};
  if (fstat(file, &made) != 0) return false;
  if (made.st_uid == like.st_uid && made.st_gid == like.st_gid) return true;
  return fchown(file, like.st_uid, like.st_gid) == 0;
}

// Opened before the change, to sync it afterwards.
Descriptor open_folder(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path();
  return Descriptor(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// So that the old file does not come back after a power failure. Some file systems on networks and
// in virtual machines cannot sync a folder, which they report as EINVAL.
Explained<void> sync_folder(const std::string& name, const Descriptor& folder) {
  if (fsync(folder.get()) == 0 || errno == EINVAL) return {};
  return problem(Error::write_failed, name + " was changed, but its folder cannot be synced (" +
                                          std::strerror(errno) +
                                          "): the change may not survive a power failure");
}

// Opens and locks the file. While a writer waits for the lock, the file may be replaced, so it then
// checks whether it has the lock of the right one.
Explained<Descriptor> lock_file(const std::string& name, const std::string& target) {
  for (;;) {
    // For writing if that is allowed, because NFS cannot lock a file that is open for reading only.
    Descriptor file(open(target.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
    if (!file.is_open() && errno == EACCES) {
      file = Descriptor(open(target.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    }
    if (!file.is_open()) return write_failed(name, errno, "it cannot be opened");
    while (flock(file.get(), LOCK_EX) != 0) {
      if (errno != EINTR) return write_failed(name, errno, "it cannot be locked");
    }
    struct stat locked{}, found{};
    if (fstat(file.get(), &locked) != 0 || stat(target.c_str(), &found) != 0) {
      return write_failed(name, errno, "it vanished");
    }
    if (locked.st_dev == found.st_dev && locked.st_ino == found.st_ino) return file;
  }
}

}  // namespace

Explained<void> create_file(std::string_view kind, const std::string& path, mode_t mode,
                            std::string_view content, std::string_view if_it_exists) {
  const std::string name = named(kind, path);
  const Descriptor folder = open_folder(path);
  if (!folder.is_open()) return write_failed(name, errno, "its folder cannot be opened");
  TemporaryFile file(path, mode);
  if (!file.is_open()) return write_failed(name, errno, "its folder cannot be written to");
  if (!file.write(content)) return write_failed(name, errno, "writing");
  // Unlike rename, link refuses to replace.
  if (link(file.name(), path.c_str()) != 0) {
    if (errno == EEXIST) {
      return problem(Error::write_failed, name + " exists already" + std::string(if_it_exists));
    }
    return write_failed(name, errno, "naming it");
  }
  return sync_folder(name, folder);
}

Explained<FileToReplace> FileToReplace::lock(std::string_view kind, const std::string& path) {
  std::string name = named(kind, path);
  std::error_code error;
  std::string target = std::filesystem::canonical(path, error);
  if (error) return write_failed(name, error.value(), "it cannot be found");
  auto locked = lock_file(name, target);
  if (!locked) return std::unexpected(locked.error());
  return FileToReplace(std::move(name), std::move(target), std::move(*locked));
}

Explained<void> FileToReplace::replace(std::string_view content, const struct stat& like) const {
  const Descriptor folder = open_folder(target_);
  if (!folder.is_open()) return write_failed(name_, errno, "its folder cannot be opened");
  TemporaryFile file(target_, 0600);
  if (!file.is_open()) return write_failed(name_, errno, "its folder cannot be written to");
  if (!keep_owner(file.descriptor(), like)) {
    return write_failed(name_, errno, "keeping its owner and group");
  }
  // In this order nobody has more access at any moment than to the old file.
  if (!copy_acl(file_.get(), file.descriptor()))
    return write_failed(name_, errno, "keeping its ACL");
  if (fchmod(file.descriptor(), like.st_mode & 07777) != 0) {
    return write_failed(name_, errno, "keeping its mode");
  }
  if (!file.write(content)) return write_failed(name_, errno, "writing");
  if (rename(file.name(), target_.c_str()) != 0) return write_failed(name_, errno, "replacing it");
  file.keep();
  return sync_folder(name_, folder);
}

}  // namespace sealring
