// SPDX-License-Identifier: Apache-2.0
#include "fleet/fleet_settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace sealring::agent {
namespace {

constexpr std::size_t kMaxPasswordSize = 4096;

Explained<SecretString> read_password(const std::string& path) {
  const auto refused = [&path](const std::string& why) {
    return problem(Error::invalid_argument, "password file \"" + path + "\": " + why);
  };
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat stat{};
  if (!file.is_open() || fstat(file.get(), &stat) != 0) return refused(std::strerror(errno));
  if ((stat.st_mode & S_IRWXO) != 0) return refused("others may read it; run: chmod 640 " + path);
  SecretArray<kMaxPasswordSize> bytes;
  const ssize_t size = read(file.get(), bytes.data(), kMaxPasswordSize);
  if (size < 0) return refused(std::strerror(errno));
  std::string_view text = as_text(Bytes(bytes.span()).first(static_cast<std::size_t>(size)));
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty() || text.size() == kMaxPasswordSize) return refused("it is empty or too long");
  return SecretString(text);
}

}  // namespace

Explained<FleetSettings> fleet_settings_of(const Settings& settings, const StoreAddress& store) {
  FleetSettings fleet;
  fleet.store.address = store;
  fleet.store.user = settings.store_user;
  if (!settings.store_password_file.empty()) {
    auto password = read_password(settings.store_password_file);
    if (!password) return std::unexpected(password.error());
    fleet.store.password = std::move(*password);
  }
  if (fleet.store.password.empty() && !fleet.store.user.empty()) {
    return problem(Error::invalid_argument, "store-user needs store-password-file");
  }
  if (settings.store_certificate.empty() != settings.store_key.empty()) {
    return problem(Error::invalid_argument, "store-certificate and store-key belong together");
  }
  fleet.store.tls = {store.host, settings.store_ca, settings.store_certificate, settings.store_key};
  fleet.prefix = settings.prefix;
  fleet.max_staleness = settings.max_staleness;
  fleet.node = settings.node;
  if (fleet.node.empty()) {
    std::array<char, 256> name{};
    if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') {
      return problem(Error::invalid_argument, "this machine has no name; set node");
    }
    fleet.node = name.data();
  }
  return fleet;
}

}  // namespace sealring::agent
