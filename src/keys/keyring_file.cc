// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/read_start.h"
#include "base/readable_by.h"
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

Explained<void> check_owner(const std::string& path, const struct stat& stat, uid_t reader) {
  if (stat.st_uid == 0 || stat.st_uid == reader) return {};
  return invalid(path, "its owner (uid " + std::to_string(stat.st_uid) +
                           ") could change it, and is "
                           "neither root nor the user who reads it (uid " +
                           std::to_string(reader) + "); run: chown root " + path);
}

Explained<void> check_trust(const std::string& path, const struct stat& stat) {
  if (!S_ISREG(stat.st_mode)) return invalid(path, "it is not a regular file");
  if ((stat.st_mode & (S_IRWXO | S_IWGRP | S_IXGRP)) != 0) {
    return invalid(
        path,
        "others may read or change it (a secret in a container: see docs/containers.md); "
        "run: chmod 640 " +
            path);
  }
  return {};
}

Explained<SecretBytes> read_all(const std::string& path, int descriptor, std::size_t size) {
  // One byte more than the file's size, to notice if it grows while we read.
  SecretBytes text(size + 1);
  const auto filled = read_start(descriptor, text);
  if (!filled) return invalid(path, std::strerror(errno));
  if (*filled != size) {
    return invalid(path, "it changed while it was read; replace it by rename, as sealring does");
  }
  text.pop_back();
  return text;
}

}  // namespace

Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path, Owner owner) {
  // O_NONBLOCK so that a FIFO does not hang a server; it has no effect on a regular file.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return invalid(path, advice_for(errno, path));
  return read_keyring_file(driver, path, file.get(), owner);
}

Explained<KeyringFile> read_keyring_file(Driver& driver, const std::string& path, int descriptor,
                                         Owner owner) {
  const auto read = read_keyring_text(path, descriptor, owner);
  if (!read) return std::unexpected(read.error());
  if (read->text.empty()) return invalid(path, "it is empty; restore it from a backup");
  KeyringFile file{};
  file.stat = read->stat;
  auto keys = parse_jwk_set(driver, as_text(read->text), &file.foreign);
  if (!keys) return invalid(path, keys.error().message);
  file.keys = std::move(*keys);
  return file;
}

Explained<KeyringText> read_keyring_text(const std::string& path, int descriptor, Owner owner) {
  KeyringText file{};
  if (fstat(descriptor, &file.stat) != 0) return invalid(path, std::strerror(errno));
  if (auto trusted = check_trust(path, file.stat); !trusted) {
    return std::unexpected(trusted.error());
  }
  if (geteuid() != 0 || owner == Owner::root_or_reader) {
    if (auto owned = check_owner(path, file.stat, geteuid()); !owned) {
      return std::unexpected(owned.error());
    }
  }
  if (file.stat.st_size > static_cast<off_t>(kMaxKeyringFileSize)) {
    return invalid(path, "it is larger than 1 MiB");
  }
  auto text = read_all(path, descriptor, static_cast<std::size_t>(file.stat.st_size));
  if (!text) return std::unexpected(text.error());
  file.text = std::move(*text);
  return file;
}

Explained<void> check_readable_by(const std::string& path, uid_t user, gid_t group,
                                  std::span<const gid_t> groups) {
  if (const auto hindrance = hindrance_to_read(path, "ring", {user, group, groups})) {
    return invalid(path, *hindrance);
  }
  const auto found = permissions_of(path);
  if (!found) return invalid(path, std::strerror(errno));
  return check_owner(path, found->stat, user);
}

}  // namespace sealring
