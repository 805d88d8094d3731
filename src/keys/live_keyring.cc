// SPDX-License-Identifier: Apache-2.0
#include "keys/live_keyring.h"

#include <cerrno>

namespace sealring {
namespace {

constexpr char kStayInUse[] = " (the keys loaded before stay in use)";

}  // namespace

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
  std::shared_ptr<LiveKeyring> live(new LiveKeyring(driver, ""));
  live->current_ = std::move(*ring);
  return live;
}

Explained<std::shared_ptr<LiveKeyring>> LiveKeyring::load(Driver& driver, std::string path) {
  std::shared_ptr<LiveKeyring> live(new LiveKeyring(driver, std::move(path)));
  auto ring = live->load_file(live->seen_);
  if (!ring) return std::unexpected(ring.error());
  live->current_ = std::move(*ring);
  return live;
}

Explained<std::shared_ptr<LiveKeyring>> LiveKeyring::extend(std::shared_ptr<LiveKeyring> base,
                                                            std::vector<Key> more) {
  std::shared_ptr<LiveKeyring> live(new LiveKeyring(base->driver_, base->path_));
  live->base_ = std::move(base);
  live->more_ = std::move(more);
  live->base_generation_ = live->base_->generation();
  auto ring = live->extend_base();
  if (!ring) return std::unexpected(ring.error());
  live->current_ = std::move(*ring);
  return live;
}

std::shared_ptr<const Keyring> LiveKeyring::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

Explained<void> LiveKeyring::refresh(std::int64_t now) {
  if (path_.empty()) return {};
  std::int64_t looked_at = looked_at_.load(std::memory_order_relaxed);
  // Also when the clock was set back. Of several threads one goes on.
  if (now == looked_at || !looked_at_.compare_exchange_strong(looked_at, now)) return {};
  return base_ == nullptr ? follow_file() : follow_base(now);
}

Explained<void> LiveKeyring::follow_file() {
  Identity identity = look(path_);
  {
    const std::lock_guard lock(mutex_);
    if (identity == seen_ && refusal_.empty()) return {};
  }
  auto ring = load_file(identity);
  const std::lock_guard lock(mutex_);
  if (!ring) {
    std::string& why = ring.error().message;
    if (identity == seen_ && why == refusal_) return {};
    auto told = problem(ring.error().error, why + kStayInUse);
    refusal_ = std::move(why);
    seen_ = identity;
    return told;
  }
  refusal_.clear();
  seen_ = identity;
  put_in_use(std::move(*ring));
  return {};
}

Explained<std::shared_ptr<const Keyring>> LiveKeyring::load_file(Identity& identity) const {
  auto file = read_keyring_file(driver_, path_);
  if (!file) return std::unexpected(file.error());
  identity = identity_of(file->stat);
  if (file->keys.empty()) {
    return named({Error::invalid_keyring, "it holds no key; add one: sealring keyring add"});
  }
  auto ring = Keyring::make(std::move(file->keys));
  if (!ring) return named(ring.error());
  return ring;
}

Explained<void> LiveKeyring::follow_base(std::int64_t now) {
  auto looked = base_->refresh(now);
  const std::lock_guard lock(mutex_);
  // The generation first: a change in between is then taken over again, not missed.
  const std::uint64_t generation = base_->generation();
  if (generation == base_generation_) return looked;
  auto ring = extend_base();
  base_generation_ = generation;
  if (!ring) return problem(ring.error().error, ring.error().message + kStayInUse);
  put_in_use(std::move(*ring));
  return looked;
}

Explained<std::shared_ptr<const Keyring>> LiveKeyring::extend_base() const {
  const auto ring = base_->current();
  std::vector<Key> keys;
  keys.reserve(ring->keys().size() + more_.size());
  keys.assign(ring->keys().begin(), ring->keys().end());
  keys.insert(keys.end(), more_.begin(), more_.end());
  auto extended = Keyring::make(std::move(keys));
  if (!extended) return named(extended.error());
  return extended;
}

// With the lock held.
void LiveKeyring::put_in_use(std::shared_ptr<const Keyring> ring) noexcept {
  current_ = std::move(ring);
  generation_.fetch_add(1, std::memory_order_release);
}

std::unexpected<Problem> LiveKeyring::named(const Problem& unnamed) const {
  if (path_.empty()) return std::unexpected(unnamed);
  return problem(unnamed.error, "key ring \"" + path_ + "\": " + unnamed.message);
}

}  // namespace sealring
