// SPDX-License-Identifier: Apache-2.0
// A revocation list: the bytes of its file, checked once, and looked up in as they are
// (spec/revocations.md section 2).
#pragma once

#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "revocation/hash.h"

namespace sealring::revocation {

inline constexpr std::string_view kMagic("sealrev\x01", 8);
inline constexpr std::size_t kChecksumAt = 64, kChecksumSize = 16;
inline constexpr std::size_t kHeaderSize = 80;
inline constexpr std::size_t kEntrySize = 26;
inline constexpr std::size_t kMaxEntries = std::size_t{1} << 24;
inline constexpr std::size_t kMaxNames = 16;
inline constexpr std::size_t kMaxNamesSize = kMaxNames * (1 + kMaxNameSize);
inline constexpr std::size_t kMaxListSize = kHeaderSize + kMaxNamesSize + kMaxEntries * kEntrySize;

struct Entry {
  Hash hash;
  std::int64_t revoked_at;
  std::int64_t until;
};

// What the first 80 bytes say, but for the checksum.
struct Header {
  Salt salt;
  std::uint64_t generation = 0;
  std::int64_t written_at = 0;
  std::uint32_t max_staleness = 0;  // in seconds; 0: no bound
  std::uint32_t count = 0;          // of entries
  std::uint16_t names_size = 0;

  std::size_t file_size() const noexcept { return kHeaderSize + names_size + count * kEntrySize; }
};

// The header of a list that has `size` bytes. invalid_revocations: it is not one.
Explained<Header> parse_header(Bytes header, std::size_t size);

// A file's bytes. Not cleared first, and in large pages if there are many: with small ones a
// look-up takes twice as long.
class Buffer {
 public:
  // Throws std::bad_alloc.
  explicit Buffer(std::size_t size);

  MutableBytes span() noexcept { return {memory_.get(), size_}; }
  Bytes span() const noexcept { return {memory_.get(), size_}; }

 private:
  struct Free {
    void operator()(std::uint8_t* memory) const noexcept { std::free(memory); }
  };

  std::unique_ptr<std::uint8_t, Free> memory_;
  std::size_t size_;
};

class List {
 public:
  // Checks everything. The messages do not name the file.
  static Explained<std::shared_ptr<const List>> parse(Driver& driver, Buffer file);

  const Header& header() const noexcept { return header_; }
  Bytes header_bytes() const noexcept { return file_.span().first(kHeaderSize); }
  // In lower case, in the order of the file.
  std::span<const std::string_view> names() const noexcept { return names_; }
  // Whether sid is one of them.
  bool has_sids() const noexcept { return has_sids_; }
  std::size_t size() const noexcept { return header_.count; }
  Entry at(std::size_t index) const noexcept;

  // Has the processor read what find() will read, and does not wait for it.
  void prefetch(const Hash& hash) const noexcept;
  // Allocates nothing.
  std::optional<Entry> find(const Hash& hash) const noexcept;

 private:
  List(Buffer file, const Header& header) noexcept : file_(std::move(file)), header_(header) {}

  Explained<void> read_names();
  Explained<void> index();
  const std::uint8_t* place_of(std::size_t index) const noexcept;
  struct Part {
    std::size_t begin, end;
    std::size_t guess;  // where in it the entry is expected
  };
  Part part_of(const std::uint8_t* hash) const noexcept;

  Buffer file_;
  Header header_;
  std::vector<std::string_view> names_;
  bool has_sids_ = false;
  // Where the entries begin whose hashes start with these bits: a part of the list in which there
  // are some eight, whatever its size.
  unsigned bits_ = 0;
  std::vector<std::uint32_t> starts_;
};

// The tag over everything but itself. `file` has at least a header.
Result<void> checksum_of(Driver& driver, Bytes file,
                         std::span<std::uint8_t, kChecksumSize> out) noexcept;

}  // namespace sealring::revocation
