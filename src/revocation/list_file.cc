// SPDX-License-Identifier: Apache-2.0
#include "revocation/list_file.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/descriptor.h"
#include "base/read_start.h"

namespace sealring::revocation {
namespace {

std::unexpected<Problem> refused(const std::string& path, Error error, const std::string& what) {
  return problem(error, std::string(kListKind) + " \"" + path + "\": " + what);
}

std::unexpected<Problem> invalid(const std::string& path, const std::string& what) {
  return refused(path, Error::invalid_revocations, what);
}

std::string advice_for(int code, const std::string& path) {
  std::string text = std::strerror(code);
  if (code == ENOENT) return text + "; make one: sealring revocations " + path + " --create";
  if (code == EACCES) return text + "; let this user's group read it (chgrp, chmod 640)";
  return text;
}

Explained<void> check_trust(const std::string& path, const struct stat& stat) {
  if (!S_ISREG(stat.st_mode)) return invalid(path, "it is not a regular file");
  if ((stat.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return invalid(path, "others than its owner can change it; run: chmod go-w " + path);
  }
  return {};
}

// Whether the file has all the bytes that were wanted.
Explained<bool> read_at_start(const std::string& path, int descriptor, MutableBytes to) {
  const auto filled = read_start(descriptor, to);
  if (!filled) return invalid(path, std::strerror(errno));
  return *filled == to.size();
}

Explained<void> check_successor(const std::string& path, const Header& header, const List& in_use) {
  if (header.salt != in_use.header().salt) {
    return invalid(path,
                   "it is another list, made anew, and nothing that was revoked is in it; restore "
                   "the old one, or reload the server to accept this one");
  }
  if (header.generation > in_use.header().generation) return {};
  return invalid(path, "it is older than the list in use (its generation is " +
                           std::to_string(header.generation) + ", and that of the list in use " +
                           std::to_string(in_use.header().generation) +
                           "); restore the newest one, or reload the server to accept this one");
}

Explained<ReadList> read(Driver& driver, const std::string& path, int descriptor,
                         const ListFile* in_use) {
  ReadList read{};
  if (fstat(descriptor, &read.stat) != 0) return invalid(path, std::strerror(errno));
  if (auto trusted = check_trust(path, read.stat); !trusted) {
    return std::unexpected(trusted.error());
  }
  const auto size = static_cast<std::size_t>(read.stat.st_size);
  if (size == 0) return invalid(path, "it is empty; restore it from a backup");
  if (size > kMaxListSize) return invalid(path, "it is larger than any revocation list");
  std::array<std::uint8_t, kHeaderSize> start{};
  const auto has_start =
      read_at_start(path, descriptor, MutableBytes(start).first(std::min(size, kHeaderSize)));
  if (!has_start) return std::unexpected(has_start.error());
  const auto header = parse_header(start, size);
  if (!header) return invalid(path, header.error().message);
  read.file.confirmed_at = read.stat.st_mtim.tv_sec;
  if (in_use != nullptr) {
    if (std::ranges::equal(start, in_use->list->header_bytes())) {
      read.file.list = in_use->list;
      return read;
    }
    if (auto checked = check_successor(path, *header, *in_use->list); !checked) {
      return std::unexpected(checked.error());
    }
  }
  Buffer bytes(size);
  const auto is_whole = read_at_start(path, descriptor, bytes.span());
  if (!is_whole) return std::unexpected(is_whole.error());
  // The checksum notices any other change while it was read, but the header decided already.
  if (!*is_whole || !std::ranges::equal(start, Bytes(bytes.span()).first(kHeaderSize))) {
    return invalid(path, "it changed while it was read; replace it by rename, as sealring does");
  }
  auto list = List::parse(driver, std::move(bytes));
  if (!list) return refused(path, list.error().error, list.error().message);
  read.file.list = std::move(*list);
  return read;
}

}  // namespace

Explained<ReadList> read_list_file(Driver& driver, const std::string& path,
                                   const ListFile* in_use) {
  // O_NONBLOCK so that a FIFO does not hang a server; it has no effect on a regular file.
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return invalid(path, advice_for(errno, path));
  return read(driver, path, file.get(), in_use);
}

Explained<ReadList> read_list_file(Driver& driver, const std::string& path, int descriptor) {
  return read(driver, path, descriptor, nullptr);
}

}  // namespace sealring::revocation
