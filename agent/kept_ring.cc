// SPDX-License-Identifier: Apache-2.0
#include "kept_ring.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/read_start.h"
#include "base/replaced_file.h"
#include "keys/keyring_file.h"
#include "log.h"

namespace sealring::agent {
namespace {

constexpr std::string_view kRingKind = "key ring";
constexpr std::string_view kSealedKind = "sealed key ring";

std::string sealed_path(const std::string& path) {
  return path + ".sealed";
}

Explained<void> write_whole(std::string_view kind, const std::string& path, mode_t mode,
                            std::string_view text) {
  std::error_code error;
  if (!std::filesystem::exists(path, error) && !error) {
    return create_file(kind, path, mode, text, "");
  }
  const auto file = FileToReplace::lock(kind, path);
  if (!file) return std::unexpected(file.error());
  struct stat like{};
  if (fstat(file->descriptor(), &like) != 0) {
    return problem(Error::write_failed,
                   std::string(kind) + " \"" + path + "\": " + std::strerror(errno));
  }
  return file->replace(text, like);
}

// "": there is none.
Explained<std::string> read_sealed(const std::string& path) {
  const auto failed = [&path](int code) {
    return problem(Error::invalid_keyring,
                   std::string(kSealedKind) + " \"" + path + "\": " + std::strerror(code));
  };
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return errno == ENOENT ? Explained<std::string>() : failed(errno);
  std::string text(kMaxSealedRingSize + 1, '\0');
  const auto filled =
      read_start(file.get(), {reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  if (!filled) return failed(errno);
  text.resize(*filled);
  return text;
}

}  // namespace

Explained<std::unique_ptr<KeptRing>> KeptRing::open(Sealer& fleet, const std::string& path,
                                                    std::int64_t now) {
  const std::string name = std::filesystem::path(path).filename();
  if (!is_ring_name(name)) {
    return sealring::problem(Error::invalid_argument,
                             "key ring \"" + path +
                                 "\": in the store a ring has the last part of its path as its "
                                 "name, so this has to be of at most 64 ASCII letters, digits, "
                                 "\".\", \"_\" and \"-\"");
  }
  std::unique_ptr<KeptRing> kept(new KeptRing(fleet, path, name));
  const auto token = read_sealed(sealed_path(path));
  if (!token) return std::unexpected(token.error());
  if (token->empty()) return kept;
  const auto ring = open_ring(fleet, now, name, *token);
  if (!ring) {
    return sealring::problem(ring.error().error,
                             std::string(kSealedKind) + " \"" + sealed_path(path) +
                                 "\": " + ring.error().message +
                                 "; remove the file to begin anew, with the ring that the store "
                                 "has");
  }
  if (auto remembered = kept->remember(*token, *ring); !remembered) {
    return std::unexpected(remembered.error());
  }
  return kept;
}

Explained<KeptRing::Digest> KeptRing::digest_of(Bytes text) const {
  Digest digest;
  if (auto hashed = fleet_.sha_256(text, digest); !hashed) {
    return sealring::problem(hashed.error(), "SHA-256 failed in the crypto library");
  }
  return digest;
}

// An error is about whether the file can be trusted, which only the operator can change.
Explained<KeptRing::File> KeptRing::read_file() const {
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) {
    if (errno == ENOENT) return File{Content::missing, {}};
    return sealring::problem(Error::invalid_keyring,
                             "key ring \"" + path_ + "\": " + std::strerror(errno));
  }
  const auto read = read_keyring_text(path_, file.get());
  if (!read) return std::unexpected(read.error());
  const auto digest = digest_of(read->text);
  if (!digest) return std::unexpected(digest.error());
  if (sealed_.generation != 0 && *digest == digest_) return File{Content::own, *digest};
  const bool is_ring = kids_of_ring(fleet_.driver(), as_text(read->text)).has_value();
  return File{is_ring ? Content::changed : Content::damaged, *digest};
}

Explained<void> KeptRing::write_file(const Ring& ring) const {
  return write_whole(kRingKind, path_, 0640, as_text(ring.text));
}

Explained<void> KeptRing::remember(const std::string& token, const Ring& ring) {
  const auto digest = digest_of(ring.text);
  if (!digest) return std::unexpected(digest.error());
  digest_ = *digest;
  sealed_ = {ring.generation, token};
  kids_ = ring.kids;
  struct stat kept{};
  since_ = stat(sealed_path(path_).c_str(), &kept) == 0 ? kept.st_mtim.tv_sec : 0;
  has_seen_ = false;
  return {};
}

// The file has the ring already.
Explained<void> KeptRing::keep(const std::string& token, const Ring& ring) {
  if (auto kept = write_whole(kSealedKind, sealed_path(path_), 0600, token); !kept) return kept;
  return remember(token, ring);
}

Explained<void> KeptRing::take(const std::string& token, std::int64_t now) {
  const auto ring = open_ring(fleet_, now, name_, token);
  if (!ring) return std::unexpected(ring.error());
  if (ring->generation <= sealed_.generation) {
    return sealring::problem(Error::malformed, "it is not newer than that of this machine");
  }
  const auto file = read_file();
  if (!file) return std::unexpected(file.error());
  const auto digest = digest_of(ring->text);
  if (!digest) return std::unexpected(digest.error());
  const bool is_there = file->content != Content::missing && file->digest == *digest;
  if (file->content == Content::changed && !is_there) {
    return sealring::problem(
        Error::invalid_keyring,
        "key ring \"" + path_ +
            "\" was changed on this machine, and the fleet has another one, of "
            "generation " +
            std::to_string(ring->generation) + "; move the file away to accept that");
  }
  if (!is_there) {
    if (auto written = write_file(*ring); !written) return written;
  }
  if (auto kept = keep(token, *ring); !kept) return kept;
  log(Level::notice, "key ring \"" + path_ + "\" is that of the fleet, generation " +
                         std::to_string(ring->generation));
  look(now);
  return {};
}

Explained<KeptRing::Sealed> KeptRing::next(std::int64_t now) {
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) {
    return sealring::problem(Error::invalid_keyring,
                             "key ring \"" + path_ + "\": " + std::strerror(errno));
  }
  const auto read = read_keyring_text(path_, file.get());
  if (!read) return std::unexpected(read.error());
  const auto digest = digest_of(read->text);
  if (!digest) return std::unexpected(digest.error());
  if (sealed_.generation != 0 && *digest == digest_) return sealed_;
  if (auto kids = kids_of_ring(fleet_.driver(), as_text(read->text)); !kids) {
    return sealring::problem(kids.error().error,
                             "key ring \"" + path_ + "\": " + kids.error().message);
  }
  const std::uint64_t generation = sealed_.generation + 1;
  auto token = seal_ring(fleet_, now, name_, generation, as_text(read->text));
  if (!token) return std::unexpected(token.error());
  return Sealed{generation, std::move(*token)};
}

Explained<void> KeptRing::published(const Sealed& next, std::int64_t now) {
  const auto ring = open_ring(fleet_, now, name_, next.token);
  if (!ring) return std::unexpected(ring.error());
  auto kept = keep(next.token, *ring);
  look(now);
  return kept;
}

void KeptRing::look(std::int64_t now) {
  const FileIdentity identity = FileIdentity::of(path_);
  if (has_seen_ && identity == seen_ && (problem_.empty() || now == looked_at_)) return;
  looked_at_ = now;
  // As it was before: what changes it meanwhile, this agent too, is looked at the next time.
  seen_ = identity;
  has_seen_ = true;
  report(check(now));
}

Explained<void> KeptRing::check(std::int64_t now) {
  const auto file = read_file();
  if (!file) return std::unexpected(file.error());
  const auto wrong = [this](const std::string& what) {
    return sealring::problem(Error::invalid_keyring, "key ring \"" + path_ + "\" " + what);
  };
  switch (file->content) {
    case Content::own:
      return {};
    case Content::changed:
      return wrong(
          "has changes of this machine that the fleet does not have; run: sealring-agent "
          "publish " +
          path_);
    case Content::missing:
    case Content::damaged:
      break;
  }
  const bool is_missing = file->content == Content::missing;
  if (sealed_.generation == 0) {
    return wrong(is_missing ? "waits for the one of the fleet" : "is damaged");
  }
  const auto ring = open_ring(fleet_, now, name_, sealed_.token);
  if (!ring) return std::unexpected(ring.error());
  auto written = write_file(*ring);
  if (written) {
    log(Level::error, "key ring \"" + path_ + "\" was " + (is_missing ? "gone" : "damaged") +
                          ", and is written again");
  }
  return written;
}

void KeptRing::report(const Explained<void>& outcome) {
  const std::string message = outcome ? "" : outcome.error().message;
  if (message == problem_) return;
  log(outcome ? Level::notice : Level::warning,
      outcome ? "key ring \"" + path_ + "\" is good" : message);
  problem_ = message;
}

}  // namespace sealring::agent
