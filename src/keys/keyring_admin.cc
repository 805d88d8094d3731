// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring_admin.h"

#include <algorithm>

#include "keys/jwk_set.h"
#include "keys/keyring_writer.h"

namespace sealring {

Explained<Key> first_key(Driver& driver, std::string_view algorithm, std::int64_t seal_from) {
  const AlgorithmRow* row = find_algorithm(algorithm);
  if (row == nullptr) {
    return problem(Error::invalid_argument, "there is no algorithm \"" + std::string(algorithm) +
                                                "\"; use XAES-256-GCM or A256GCM");
  }
  auto key = generate_key(driver, row->algorithm, seal_from);
  if (!key) return std::unexpected(key.error());
  if (auto checked = check_key(driver, *key); !checked) {
    return problem(Error::invalid_argument, "the new key: " + checked.error().message);
  }
  return key;
}

Explained<std::string> init_keyring_file(Driver& driver, const std::string& path,
                                         std::string_view algorithm, std::int64_t seal_from) {
  const auto key = first_key(driver, algorithm, seal_from);
  if (!key) return std::unexpected(key.error());
  if (auto created = create_keyring_file(path, std::span(&*key, 1)); !created) {
    return std::unexpected(created.error());
  }
  return key->kid;
}

Explained<std::string> add_to_keyring_file(Driver& driver, const std::string& path, Key key) {
  if (key.kid.empty() && !row(key.algorithm).modern) {
    auto kid = generate_kid(driver);
    if (!kid) return std::unexpected(kid.error());
    key.kid = std::move(*kid);
  }
  if (auto checked = check_key(driver, key); !checked) {
    return problem(Error::invalid_argument, "the new key: " + checked.error().message);
  }
  std::string kid = key.kid;
  const auto updated =
      update_keyring_file(driver, path, [&key](std::vector<Key>& keys) -> Explained<void> {
        // Of equals, the last one seals (spec/keyring.md section 7).
        const auto equal = std::ranges::find(keys, key.seal_from, &Key::seal_from);
        keys.insert(equal, std::move(key));
        return {};
      });
  if (!updated) return std::unexpected(updated.error());
  return kid;
}

Explained<std::string> rotate_keyring_file(Driver& driver, const std::string& path,
                                           const Rotation& rotation) {
  std::string kid;
  const auto updated =
      update_keyring_file(driver, path, [&](std::vector<Key>& keys) -> Explained<void> {
        auto added = rotate(driver, keys, rotation);
        if (!added) return std::unexpected(added.error());
        kid = std::move(*added);
        return {};
      });
  if (!updated) return std::unexpected(updated.error());
  return kid;
}

Explained<std::size_t> prune_keyring_file(Driver& driver, const std::string& path,
                                          std::int64_t now) {
  std::size_t removed = 0;
  const auto updated =
      update_keyring_file(driver, path, [&](std::vector<Key>& keys) -> Explained<void> {
        const auto pruned = prune(keys, now);
        if (!pruned) return std::unexpected(pruned.error());
        removed = *pruned;
        return {};
      });
  if (!updated) return std::unexpected(updated.error());
  return removed;
}

}  // namespace sealring
