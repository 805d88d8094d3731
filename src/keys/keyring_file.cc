// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring_file.h"

#include <fcntl.h>
#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/descriptor.h"
#include "keys/jwk_set.h"

namespace sealring {
namespace {

std::unexpected<Problem> invalid(const std::string& path, const std::string& what) {
  return problem(Error::invalid_keyring, "key ring \"" + path + "\": " + what);
}

std::string advice_for(int code, const std::string& path) {
  std::string text = std::strerror(code);
  if (code == ENOENT) return text + "; make one: sealring keyring init " + path;
  if (code == EACCES) return text + "; let this user's group read it (chgrp, chmod 640)";
  return text;
}

Explained<void> check_trust(const std::string& path, const struct stat& stat) {
  if (!S_ISREG(stat.st_mode)) return invalid(path, "it is not a regular file");
  if ((stat.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) != 0) {
    return invalid(path, "others may read or change it; run: chmod 640 " + path);
  }
  return {};
}

Explained<SecretBytes> read_all(const std::string& path, int descriptor, std::size_t size) {
  // One byte more than the file has, to see it grow under our hands.
  SecretBytes text(size + 1);
  std::size_t filled = 0;
  while (filled < text.size()) {
    const ssize_t count =
        pread(descriptor, text.data() + filled, text.size() - filled, static_cast<off_t>(filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return invalid(path, std::strerror(errno));
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  if (filled != size) {
    return invalid(path, "it changed while it was read; replace it by rename, as sealring does");
  }
  text.pop_back();
  return text;
}

bool may(const struct stat& stat, uid_t user, gid_t group, std::span<const gid_t> groups,
         mode_t right) {
  if (user == 0) return true;
  if (stat.st_uid == user) return (stat.st_mode & (right << 6)) != 0;
  const bool in_group =
      stat.st_gid == group || std::ranges::find(groups, stat.st_gid) != groups.end();
  return (stat.st_mode & (in_group ? right << 3 : right)) != 0;
}

constexpr mode_t kRead = 4, kSearch = 1;

std::string group_name(gid_t group) {
  const struct group* entry = getgrgid(group);
  return entry != nullptr ? entry->gr_name : std::to_string(group);
}

}  // namespace

Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path) {
  // O_NONBLOCK so that a FIFO does not hang a server; it means nothing to a regular file.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return invalid(path, advice_for(errno, path));
  return read_keyring_file(driver, path, file.get());
}

Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path, int descriptor) {
  KeyringFile file{};
  if (fstat(descriptor, &file.stat) != 0) return invalid(path, std::strerror(errno));
  if (auto trusted = check_trust(path, file.stat); !trusted) {
    return std::unexpected(trusted.error());
  }
  if (file.stat.st_size > static_cast<off_t>(kMaxKeyringFileSize)) {
    return invalid(path, "it is larger than 1 MiB");
  }
  if (file.stat.st_size == 0) return invalid(path, "it is empty; restore it from a backup");
  const auto text = read_all(path, descriptor, static_cast<std::size_t>(file.stat.st_size));
  if (!text) return std::unexpected(text.error());
  auto keys = parse_jwk_set(driver, as_text(*text), &file.foreign);
  if (!keys) return invalid(path, keys.error().message);
  file.keys = std::move(*keys);
  return file;
}

Explained<void> check_readable_by(const std::string& path, uid_t user, gid_t group,
                                  std::span<const gid_t> groups) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::canonical(path, error);
  if (error) return invalid(path, error.message());
  for (auto folder = file.parent_path();; folder = folder.parent_path()) {
    struct stat stat{};
    if (::stat(folder.c_str(), &stat) != 0) return invalid(path, std::strerror(errno));
    if (!may(stat, user, group, groups, kSearch)) {
      return invalid(path, "the group " + group_name(group) + " cannot enter the folder " +
                               folder.string() + "; move the ring, or run: chgrp " +
                               group_name(group) + " " + folder.string() + " && chmod g+x " +
                               folder.string());
    }
    if (folder == folder.root_path()) break;
  }
  struct stat stat{};
  if (::stat(file.c_str(), &stat) != 0) return invalid(path, std::strerror(errno));
  if (!may(stat, user, group, groups, kRead)) {
    return invalid(path, "the group " + group_name(group) + " cannot read it; run: chgrp " +
                             group_name(group) + " " + path + " && chmod 640 " + path);
  }
  return {};
}

}  // namespace sealring
