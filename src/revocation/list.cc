// SPDX-License-Identifier: Apache-2.0
#include "revocation/list.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

namespace sealring::revocation {
namespace {

std::unexpected<Problem> invalid(std::string message) {
  return problem(Error::invalid_revocations, std::move(message));
}

template <std::size_t N>
std::uint64_t number_at(const std::uint8_t* place) noexcept {
  return load_big_endian(std::span<const std::uint8_t, N>(place, N));
}

// The first half of a hash, which almost always decides.
std::uint64_t head_of(const std::uint8_t* place) noexcept {
  return number_at<8>(place);
}
std::uint64_t tail_of(const std::uint8_t* place) noexcept {
  return number_at<8>(place + 8);
}

bool is_before(const std::uint8_t* a, const std::uint8_t* b) noexcept {
  const std::uint64_t head_a = head_of(a), head_b = head_of(b);
  return head_a != head_b ? head_a < head_b : tail_of(a) < tail_of(b);
}

Entry entry_at(const std::uint8_t* place) noexcept {
  Entry entry;
  copy({place, entry.hash.size()}, entry.hash);
  entry.revoked_at = static_cast<std::int64_t>(number_at<5>(place + 16));
  entry.until = static_cast<std::int64_t>(number_at<5>(place + 21));
  return entry;
}

std::size_t first_bits(const std::uint8_t* hash, unsigned bits) noexcept {
  return bits == 0 ? 0 : static_cast<std::size_t>(head_of(hash) >> (64 - bits));
}

constexpr std::size_t kLargePage = std::size_t{1} << 21;

std::uint8_t* allocate(std::size_t size) {
  if (size < kLargePage)
    return static_cast<std::uint8_t*>(std::malloc(std::max<std::size_t>(size, 1)));
  const std::size_t whole = (size + kLargePage - 1) / kLargePage * kLargePage;
  void* const memory = std::aligned_alloc(kLargePage, whole);
  if (memory != nullptr) madvise(memory, whole, MADV_HUGEPAGE);  // if not, it is only slower
  return static_cast<std::uint8_t*>(memory);
}

}  // namespace

Buffer::Buffer(std::size_t size) : memory_(allocate(size)), size_(size) {
  if (!memory_) throw std::bad_alloc();
}

Explained<Header> parse_header(Bytes bytes, std::size_t size) {
  if (size < kHeaderSize || !as_text(bytes).starts_with(kMagic.substr(0, 7))) {
    return invalid("it is not a revocation list");
  }
  if (bytes[7] != 1) return invalid("it has a version that this program does not know");
  const std::uint8_t* const at = bytes.data();
  Header header;
  copy(bytes.subspan(8, 16), header.salt);
  header.generation = number_at<8>(at + 24);
  const std::uint64_t written_at = number_at<8>(at + 32);
  header.max_staleness = static_cast<std::uint32_t>(number_at<4>(at + 40));
  header.count = static_cast<std::uint32_t>(number_at<4>(at + 44));
  header.names_size = static_cast<std::uint16_t>(number_at<2>(at + 48));
  if (written_at > std::uint64_t{kEndOfTime} || header.count > kMaxEntries ||
      header.names_size > kMaxNamesSize ||
      std::ranges::any_of(bytes.subspan(50, 14), [](std::uint8_t byte) { return byte != 0; })) {
    return invalid("its header is damaged; restore it from a backup");
  }
  header.written_at = static_cast<std::int64_t>(written_at);
  if (header.file_size() != size) {
    return invalid("it is torn: it has " + std::to_string(size) + " bytes instead of " +
                   std::to_string(header.file_size()) +
                   "; replace it by rename, as sealring does, or restore it from a backup");
  }
  return header;
}

Result<void> checksum_of(Driver& driver, Bytes file,
                         std::span<std::uint8_t, kChecksumSize> out) noexcept {
  std::array<std::uint8_t, 32> key;
  if (auto done = driver.hash_once(file.first(kChecksumAt), key); !done) return done;
  auto gcm = driver.aes_256_gcm();
  if (!gcm) return std::unexpected(gcm.error());
  if (auto set = (*gcm)->set_key(key); !set) return set;
  constexpr std::array<std::uint8_t, AesGcm::kNonceSize> kNonce{};
  return (*gcm)->encrypt_in_place(kNonce, file.subspan(kHeaderSize), {}, out);
}

Explained<std::shared_ptr<const List>> List::parse(Driver& driver, Buffer file) {
  const auto header = parse_header(file.span(), file.span().size());
  if (!header) return std::unexpected(header.error());
  std::array<std::uint8_t, kChecksumSize> checksum;
  if (auto done = checksum_of(driver, file.span(), checksum); !done) {
    return problem(done.error(), "its checksum cannot be calculated: the crypto driver failed");
  }
  if (!std::ranges::equal(checksum, file.span().subspan(kChecksumAt, checksum.size()))) {
    return invalid("it is damaged: its checksum is wrong; restore it from a backup");
  }
  std::shared_ptr<List> list(new List(std::move(file), *header));
  if (auto read = list->read_names(); !read) return std::unexpected(read.error());
  if (auto indexed = list->index(); !indexed) return std::unexpected(indexed.error());
  return list;
}

Explained<void> List::read_names() {
  std::string_view rest = as_text(file_.span().subspan(kHeaderSize, header_.names_size));
  while (!rest.empty()) {
    const std::size_t size = static_cast<std::uint8_t>(rest.front());
    const std::string_view name = rest.substr(1, size);
    std::array<char, kMaxNameSize> lower;
    if (names_.size() == kMaxNames || size > kMaxNameSize || name.size() != size ||
        in_lower_case(name, lower) != name || std::ranges::find(names_, name) != names_.end()) {
      return invalid("the names in it are not in the form that they must have");
    }
    names_.push_back(name);
    rest.remove_prefix(1 + size);
  }
  has_sids_ = std::ranges::find(names_, kSid) != names_.end();
  return {};
}

// Entries that are not in order would be missed, so this is checked too.
Explained<void> List::index() {
  bits_ = static_cast<unsigned>(std::max(static_cast<int>(std::bit_width(header_.count)), 4) - 4);
  starts_.assign((std::size_t{1} << bits_) + 1, 0);
  std::uint32_t* const ends = starts_.data() + 1;  // an entry costs one nanosecond
  const std::uint8_t* place = place_of(0);
  for (std::uint32_t i = 0; i < header_.count; ++i, place += kEntrySize) {
    if (i != 0 && !is_before(place - kEntrySize, place)) {
      return invalid("its entries are not in order");
    }
    ends[first_bits(place, bits_)] = i + 1;
  }
  // A part without entries ends where the one before it does.
  for (std::size_t part = 1; part < starts_.size(); ++part) {
    starts_[part] = std::max(starts_[part], starts_[part - 1]);
  }
  return {};
}

const std::uint8_t* List::place_of(std::size_t index) const noexcept {
  return file_.span().data() + kHeaderSize + header_.names_size + index * kEntrySize;
}

Entry List::at(std::size_t index) const noexcept {
  return entry_at(place_of(index));
}

List::Part List::part_of(const std::uint8_t* hash) const noexcept {
  const std::size_t start = first_bits(hash, bits_);
  const std::size_t begin = starts_[start], end = starts_[start + 1];
  const std::uint64_t fraction = (head_of(hash) << bits_) >> 32;
  return {begin, end, begin + static_cast<std::size_t>(fraction * (end - begin) >> 32)};
}

void List::prefetch(const Hash& hash) const noexcept {
  const std::uint8_t* const place = place_of(part_of(hash.data()).guess);
  __builtin_prefetch(place - kEntrySize);
  __builtin_prefetch(place + 2 * kEntrySize);
}

// Hashes spread evenly, so an entry is at most a few places from where it is expected. From there
// the steps double, so that a list that was made otherwise is searched in logarithmic time, too.
std::optional<Entry> List::find(const Hash& hash) const noexcept {
  const std::uint8_t* const wanted = hash.data();
  const auto [begin, end, guess] = part_of(wanted);
  std::size_t low = begin, high = end;
  if (low == high) return std::nullopt;
  std::size_t step = 2;
  if (is_before(place_of(guess), wanted)) {
    low = guess + 1;
    for (; high - low > step && is_before(place_of(low + step), wanted); step *= 2) {
      low += step + 1;
    }
    high = std::min(high, low + step);
  } else {
    high = guess;
    for (; high - low > step && !is_before(place_of(high - step), wanted); step *= 2) {
      high -= step;
    }
    if (high - low > step) low = high - step + 1;
  }
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (is_before(place_of(middle), wanted)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (low == end || is_before(wanted, place_of(low))) return std::nullopt;
  return at(low);
}

}  // namespace sealring::revocation
