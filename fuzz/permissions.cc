// SPDX-License-Identifier: Apache-2.0
// Who may do what with a file: any attribute for an ACL gives an answer, and it is that of a plain
// reader, which follows the words of acl(5).
#include "base/permissions.h"

#include <optional>
#include <vector>

#include "check.h"
#include "input.h"

namespace sealring::fuzz {
namespace {

struct Entry {
  unsigned tag, rights, id;
};

class PlainReader {
 public:
  PlainReader(const std::vector<std::uint8_t>& acl, const Process& process, const struct stat& stat)
      : process_(process), stat_(stat) {
    for (std::size_t at = 4; at + 8 <= acl.size(); at += 8) {
      const auto number = [&](std::size_t from, std::size_t size) {
        unsigned value = 0;
        for (std::size_t i = 0; i < size; ++i) value += unsigned{acl[from + i]} << (8 * i);
        return value;
      };
      entries_.push_back({number(at, 2), number(at + 2, 2), number(at + 4, 4)});
    }
  }

  bool grants(unsigned right) const {
    if (stat_.st_uid == process_.user) {
      if (const auto owner = last(1)) return (owner->rights & right) != 0;
    }
    if (const auto named = last(2, process_.user)) return effective(*named, right);
    bool is_in_one = false;
    for (const Entry& entry : entries_) {
      const bool applies =
          (entry.tag == 4 && is_in(stat_.st_gid)) || (entry.tag == 8 && is_in(entry.id));
      is_in_one |= applies;
      if (applies && effective(entry, right)) return true;
    }
    const auto others = last(32);
    return !is_in_one && others && (others->rights & right) != 0;
  }

 private:
  bool is_in(unsigned group) const {
    if (group == process_.group) return true;
    for (const gid_t other : process_.groups) {
      if (other == group) return true;
    }
    return false;
  }
  std::optional<Entry> last(unsigned tag, std::optional<unsigned> id = std::nullopt) const {
    std::optional<Entry> found;
    for (const Entry& entry : entries_) {
      if (entry.tag == tag && (!id || entry.id == *id)) found = entry;
    }
    return found;
  }
  bool effective(const Entry& entry, unsigned right) const {
    const auto mask = last(16);
    return (entry.rights & right & (mask ? mask->rights : 7)) != 0;
  }

  std::vector<Entry> entries_;
  const Process& process_;
  const struct stat& stat_;
};

void run(Input input) {
  const uid_t user = input.byte() % 4;
  const gid_t group = input.byte() % 4;
  std::vector<gid_t> groups(input.below(4));
  for (gid_t& each : groups) each = input.byte() % 4;
  struct stat stat{};
  stat.st_uid = input.byte() % 4;
  stat.st_gid = input.byte() % 4;
  stat.st_mode = static_cast<mode_t>((input.byte() << 8 | input.byte()) & 07777);
  const mode_t right = input.byte() % 2 == 0 ? kRead : kExecute;
  const std::vector<std::uint8_t> acl = input.bytes(SIZE_MAX);

  const Process process{user, group, groups};
  const bool answer = may(process, right, stat, acl);
  if (user == 0) {
    check(answer, "root may do everything");
  } else if (acl.empty() || (stat.st_mode & S_IRWXG) == 0) {
    check(answer == may(process, right, stat, {}),
          "without an ACL, or without a mask, the mode decides");
  } else if (acl.size() < 4 || acl[0] != 2 || acl[1] != 0 || acl[2] != 0 || acl[3] != 0) {
    check(!answer, "an unknown version grants nothing");
  } else {
    check(answer == PlainReader(acl, process, stat).grants(right), "a plain reader says the same");
  }
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sealring::fuzz::run(sealring::fuzz::Input({data, size}));
  return 0;
}
