// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring_writer.h"

#include "base/replaced_file.h"
#include "keys/jwk_set.h"
#include "keys/keyring.h"
#include "keys/keyring_file.h"

namespace sealring {
namespace {

constexpr std::string_view kKind = "key ring";

// Checks that a server would accept the text. With a ring that it refuses it would not start.
Explained<void> check_readable(Driver& driver, const SecretString& text) {
  auto keys = parse_jwk_set(driver, text);
  if (!keys) return std::unexpected(keys.error());
  if (auto ring = Keyring::make(std::move(*keys)); !ring) return std::unexpected(ring.error());
  return {};
}

}  // namespace

Explained<void> create_keyring_file(const std::string& path, std::span<const Key> keys) {
  return create_file(kKind, path, 0640, format_jwk_set(keys),
                     "; to change its keys: sealring keyring rotate " + path);
}

Explained<void> update_keyring_file(
    Driver& driver, const std::string& path,
    const std::function<Explained<void>(std::vector<Key>&)>& change) {
  const auto file = FileToReplace::lock(kKind, path);
  if (!file) return std::unexpected(file.error());
  auto old = read_keyring_file(driver, path, file->descriptor(), Owner::any_if_root_reads);
  if (!old) return std::unexpected(old.error());
  std::vector<Key> keys = std::move(old->keys);
  if (auto changed = change(keys); !changed) {
    return problem(changed.error().error, "key ring \"" + path + "\": " + changed.error().message);
  }
  const SecretString text = format_jwk_set(keys, old->foreign);
  if (auto readable = check_readable(driver, text); !readable) {
    return problem(readable.error().error,
                   "key ring \"" + path + "\" was not changed: " + readable.error().message);
  }
  return file->replace(text, old->stat);
}

}  // namespace sealring
