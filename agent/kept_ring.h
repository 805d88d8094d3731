// SPDX-License-Identifier: Apache-2.0
// A key ring that this agent follows: its file, which servers read, and beside it the sealed ring
// that says which generation the file is (spec/fleet.md section 8). No key stays in memory.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/followed_file.h"
#include "fleet/sealed_ring.h"

namespace sealring::agent {

class KeptRing {
 public:
  struct Sealed {
    std::uint64_t generation = 0;  // 0: there is none
    std::string token;
  };

  // Neither file has to be there. `fleet` has the fleet key, and outlives it.
  static Explained<std::unique_ptr<KeptRing>> open(Sealer& fleet, const std::string& path,
                                                   std::int64_t now);

  const std::string& path() const noexcept { return path_; }
  const std::string& name() const noexcept { return name_; }
  // What this machine has.
  const Sealed& sealed() const noexcept { return sealed_; }
  const std::vector<std::string>& kids() const noexcept { return kids_; }
  // When this machine got it; 0 if it has none.
  std::int64_t since() const noexcept { return since_; }
  // What is wrong with the file, or has to be done; "" if nothing.
  const std::string& problem() const noexcept { return problem_; }

  // Replaces the file by a ring from the store.
  Explained<void> take(const std::string& token, std::int64_t now);

  // The ring in the file, as the next generation; what this machine has if that is the same.
  Explained<Sealed> next(std::int64_t now);
  // The store has it.
  Explained<void> published(const Sealed& next, std::int64_t now);

  // Looks at the file, and writes it again if it is gone or damaged.
  void look(std::int64_t now);

 private:
  using Digest = std::array<std::uint8_t, Sha256::kSize>;

  // What is in the file.
  enum class Content { missing, damaged, own, changed };
  struct File {
    Content content;
    Digest digest;  // of its text; not if it is missing
  };

  KeptRing(Sealer& fleet, std::string path, std::string name)
      : fleet_(fleet), path_(std::move(path)), name_(std::move(name)) {}

  Explained<File> read_file() const;
  Explained<Digest> digest_of(Bytes text) const;
  Explained<void> write_file(const Ring& ring) const;
  Explained<void> keep(const std::string& token, const Ring& ring);
  Explained<void> remember(const std::string& token, const Ring& ring);
  Explained<void> check(std::int64_t now);
  void report(const Explained<void>& outcome);

  Sealer& fleet_;
  const std::string path_, name_;
  Sealed sealed_;
  Digest digest_{};  // of the text of that ring
  std::vector<std::string> kids_;
  std::int64_t since_ = 0;
  FileIdentity seen_;
  bool has_seen_ = false;
  std::int64_t looked_at_ = 0;
  std::string problem_;
};

}  // namespace sealring::agent
