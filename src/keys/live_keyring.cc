// SPDX-License-Identifier: Apache-2.0
#include "keys/live_keyring.h"

#include <algorithm>
#include <cerrno>
#include <iterator>

namespace sealring {

bool LiveKeyring::Identity::operator==(const Identity& other) const noexcept {
  const auto equal = [](const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
  };
  return device == other.device && inode == other.inode && size == other.size &&
         equal(modified, other.modified) && equal(changed, other.changed) && error == other.error;
}

LiveKeyring::Identity LiveKeyring::identity_of(const struct stat& stat) {
  return {stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtim, stat.st_ctim, 0};
}

LiveKeyring::Identity LiveKeyring::look(const std::string& path) {
  struct stat stat{};
  Identity identity;
  if (::stat(path.c_str(), &stat) == 0) return identity_of(stat);
  identity.error = errno;
  return identity;
}

Explained<std::shared_ptr<LiveKeyring>> LiveKeyring::make(Driver& driver, std::vector<Key> keys) {
  auto ring = Keyring::make(std::move(keys));
  if (!ring) return std::unexpected(ring.error());
  std::shared_ptr<LiveKeyring> live(new LiveKeyring(driver, "", {}));
  live->current_ = std::move(*ring);
  return live;
}

Explained<std::shared_ptr<LiveKeyring>> LiveKeyring::load(Driver& driver, std::string path,
                                                          std::vector<Key> more) {
  std::shared_ptr<LiveKeyring> live(new LiveKeyring(driver, std::move(path), std::move(more)));
  auto ring = live->load_file(live->seen_);
  if (!ring) return std::unexpected(ring.error());
  live->current_ = std::move(*ring);
  return live;
}

Explained<std::shared_ptr<LiveKeyring>> LiveKeyring::with(std::vector<Key> more) const {
  std::vector<Key> all_more = more_;
  all_more.insert(all_more.end(), more.begin(), more.end());
  std::shared_ptr<LiveKeyring> live(new LiveKeyring(driver_, path_, std::move(all_more)));
  std::shared_ptr<const Keyring> ring;
  {
    const std::lock_guard lock(mutex_);
    live->seen_ = seen_;
    live->refusal_ = refusal_;
    ring = current_;
  }
  std::vector<Key> keys(ring->keys().begin(), ring->keys().end());
  std::ranges::move(more, std::back_inserter(keys));
  auto made = Keyring::make(std::move(keys));
  if (!made) return std::unexpected(made.error());
  live->current_ = std::move(*made);
  return live;
}

std::shared_ptr<const Keyring> LiveKeyring::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

Explained<std::shared_ptr<const Keyring>> LiveKeyring::load_file(Identity& identity) const {
  auto file = read_keyring_file(driver_, path_);
  if (!file) return std::unexpected(file.error());
  identity = identity_of(file->stat);
  if (file->keys.empty()) {
    return problem(Error::invalid_keyring,
                   "key ring \"" + path_ + "\": it holds no key; add one: sealring keyring add");
  }
  for (const Key& key : more_) file->keys.push_back(key);
  auto ring = Keyring::make(std::move(file->keys));
  if (!ring) {
    return problem(ring.error().error, "key ring \"" + path_ + "\": " + ring.error().message);
  }
  return ring;
}

Explained<void> LiveKeyring::refresh(std::int64_t now) {
  if (path_.empty()) return {};
  std::int64_t looked_at = looked_at_.load(std::memory_order_relaxed);
  // Also when the clock was set back. Of several threads one goes on.
  if (now == looked_at || !looked_at_.compare_exchange_strong(looked_at, now)) return {};

  Identity identity = look(path_);
  {
    const std::lock_guard lock(mutex_);
    if (identity == seen_ && refusal_.empty()) return {};
  }
  auto ring = load_file(identity);
  const std::lock_guard lock(mutex_);
  const bool seen_before = identity == seen_;
  seen_ = identity;
  if (!ring) {
    if (seen_before && ring.error().message == refusal_) return {};
    refusal_ = ring.error().message;
    return problem(ring.error().error, refusal_ + " (the keys loaded before stay in use)");
  }
  refusal_.clear();
  current_ = std::move(*ring);
  generation_.fetch_add(1, std::memory_order_release);
  return {};
}

}  // namespace sealring
