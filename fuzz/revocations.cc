// SPDX-License-Identifier: Apache-2.0
// Revocation lists: any bytes are refused in a sentence or are a list, in which each entry is
// found, and nothing else; and which a writer changes into one that is as good. The first byte says
// whether the checksum is put right, so that what is behind it is reached.
#include "support/revocations.h"

#include <algorithm>

#include "check.h"
#include "input.h"

namespace sealring::fuzz {
namespace {

using namespace revocation;

void check_message(const Problem& problem) {
  check(problem.error == Error::invalid_revocations, "the reason");
  check(!problem.message.empty() && problem.message.size() < 400, "a refusal is a sentence");
}

void check_lookups(const List& list) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Entry entry = list.at(i);
    const auto found = list.find(entry.hash);
    check(found && found->hash == entry.hash && found->revoked_at == entry.revoked_at &&
              found->until == entry.until,
          "an entry is found");
    Hash near = entry.hash;
    near.back() ^= 1;
    const bool is_there = (i > 0 && list.at(i - 1).hash == near) ||
                          (i + 1 < list.size() && list.at(i + 1).hash == near);
    check(list.find(near).has_value() == is_there, "nothing else is found");
  }
}

void check_change(const std::shared_ptr<const List>& list, std::int64_t now) {
  Draft draft = Draft::after(list);
  const bool has_room = list->names().size() < kMaxNames;
  check(draft.add("sid", {hash_number(1), kNow, kEndOfTime}).has_value() || !has_room,
        "it is added");
  const auto written = std::move(draft).write(tested_driver(), now);
  if (!written) {
    check(list->header().generation == UINT64_MAX, "a list can be written");
    return;
  }
  const auto again = parse(written->bytes);
  check(again.has_value(), "what is written is read");
  check((*again)->header().generation == list->header().generation + 1, "the next generation");
  check((*again)->header().salt == list->header().salt, "the salt stays");
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Entry entry = list->at(i);
    check(entry.until <= now || (*again)->find(entry.hash), "what has not ended stays");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({data, size});
  const bool is_repaired = input.byte() % 2 != 0;
  std::vector<std::uint8_t> file = input.bytes(size);
  if (is_repaired && file.size() >= kHeaderSize) {
    check(checksum_of(tested_driver(), file, std::span(file).subspan<kChecksumAt, kChecksumSize>())
              .has_value(),
          "a checksum");
  }
  const auto list = parse(file);
  if (!list) {
    check_message(list.error());
    return 0;
  }
  check_lookups(**list);
  check_change(*list, kNow);
  return 0;
}

}  // namespace sealring::fuzz
