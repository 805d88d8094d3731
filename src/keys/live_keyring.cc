// SPDX-License-Identifier: Apache-2.0
#include "keys/live_keyring.h"

#include "base/followed_file.h"
#include "keys/keyring_file.h"

namespace sealring {
namespace {

using Ring = std::shared_ptr<const Keyring>;

std::unexpected<Problem> named(const std::string& path, const Problem& unnamed) {
  if (path.empty()) return std::unexpected(unnamed);
  return problem(unnamed.error, "key ring \"" + path + "\": " + unnamed.message);
}

std::unexpected<Problem> kept(const Problem& refusal) {
  return problem(refusal.error, refusal.message + " (the keys loaded before stay in use)");
}

class KeyringInMemory final : public LiveKeyring {
 public:
  explicit KeyringInMemory(Ring ring) noexcept : ring_(std::move(ring)) {}

  const std::string& path() const noexcept override { return path_; }
  Ring current() const noexcept override { return ring_; }
  std::int64_t written_at() const noexcept override { return 0; }
  std::uint64_t generation() const noexcept override { return 1; }
  Explained<void> refresh(std::int64_t) override { return {}; }

 private:
  const std::string path_;
  const Ring ring_;
};

struct RingFile {
  Ring ring;
  std::int64_t written_at;
};

class FollowedKeyring final : public LiveKeyring {
 public:
  using File = FollowedFile<RingFile>;

  explicit FollowedKeyring(std::unique_ptr<File> file) noexcept : file_(std::move(file)) {}

  const std::string& path() const noexcept override { return file_->path(); }
  Ring current() const noexcept override { return file_->current()->ring; }
  std::int64_t written_at() const noexcept override { return file_->current()->written_at; }
  std::uint64_t generation() const noexcept override { return file_->generation(); }
  Explained<void> refresh(std::int64_t now) override {
    auto looked = file_->refresh(now);
    if (!looked) return kept(looked.error());
    return looked;
  }

 private:
  const std::unique_ptr<File> file_;
};

Explained<FollowedKeyring::File::Loaded> load_ring(Driver& driver, const std::string& path) {
  auto file = read_keyring_file(driver, path);
  if (!file) return std::unexpected(file.error());
  if (file->keys.empty()) {
    return named(path, {Error::invalid_keyring, "it holds no key; add one: sealring keyring add"});
  }
  auto ring = Keyring::make(std::move(file->keys));
  if (!ring) return named(path, ring.error());
  const std::int64_t written_at = file->stat.st_mtim.tv_sec;
  return FollowedKeyring::File::Loaded{std::make_shared<RingFile>(std::move(*ring), written_at),
                                       file->stat};
}

class ExtendedKeyring final : public LiveKeyring {
 public:
  // `base_generation` was read before the ring was made.
  ExtendedKeyring(std::shared_ptr<LiveKeyring> base, std::vector<Key> more,
                  std::uint64_t generation, Ring ring)
      : base_(std::move(base)),
        more_(std::move(more)),
        base_generation_(generation),
        current_(std::move(ring)) {}

  static Explained<Ring> extended(const LiveKeyring& base, const std::vector<Key>& more) {
    const Ring ring = base.current();
    std::vector<Key> keys;
    keys.reserve(ring->keys().size() + more.size());
    keys.assign(ring->keys().begin(), ring->keys().end());
    keys.insert(keys.end(), more.begin(), more.end());
    auto made = Keyring::make(std::move(keys));
    if (!made) return named(base.path(), made.error());
    return made;
  }

  const std::string& path() const noexcept override { return base_->path(); }
  Ring current() const noexcept override { return current_.get(); }
  std::int64_t written_at() const noexcept override { return base_->written_at(); }
  std::uint64_t generation() const noexcept override { return current_.generation(); }

  Explained<void> refresh(std::int64_t now) override {
    auto looked = base_->refresh(now);
    if (base_->generation() == base_generation_) return looked;
    const Turn turn(extending_);
    const std::uint64_t generation = base_->generation();
    if (!turn.taken() || generation == base_generation_) return looked;
    auto ring = extended(*base_, more_);
    if (ring) current_.put(std::move(*ring));
    base_generation_ = generation;
    if (!ring) return kept(ring.error());
    return looked;
  }

 private:
  const std::shared_ptr<LiveKeyring> base_;
  const std::vector<Key> more_;
  std::atomic<std::uint64_t> base_generation_;  // that current_ was made from, or could not be
  std::atomic<std::uint64_t> extending_{0};     // whose turn it is to make it again
  Published<Keyring> current_;
};

}  // namespace

Explained<std::shared_ptr<LiveKeyring>> LiveKeyring::make(std::vector<Key> keys) {
  auto ring = Keyring::make(std::move(keys));
  if (!ring) return std::unexpected(ring.error());
  return std::make_shared<KeyringInMemory>(std::move(*ring));
}

Explained<std::shared_ptr<LiveKeyring>> LiveKeyring::load(Driver& driver, const std::string& path) {
  auto file =
      FollowedKeyring::File::load(path, [&driver](const std::string& absolute, const RingFile*) {
        return load_ring(driver, absolute);
      });
  if (!file) return std::unexpected(file.error());
  return std::make_shared<FollowedKeyring>(std::move(*file));
}

Explained<std::shared_ptr<LiveKeyring>> LiveKeyring::extend(std::shared_ptr<LiveKeyring> base,
                                                            std::vector<Key> more) {
  const std::uint64_t generation = base->generation();
  auto ring = ExtendedKeyring::extended(*base, more);
  if (!ring) return std::unexpected(ring.error());
  return std::make_shared<ExtendedKeyring>(std::move(base), std::move(more), generation,
                                           std::move(*ring));
}

}  // namespace sealring
