// SPDX-License-Identifier: Apache-2.0
// What an agent reads from servers, from clients of its control socket, and from the store.
#include <algorithm>

#include "agent/control.h"
#include "agent/datagram.h"
#include "agent/fleet/layout.h"
#include "agent/fleet/rings.h"
#include "agent/fleet/sealed_ring.h"
#include "agent/fleet/store_address.h"
#include "agent/listen_address.h"
#include "check.h"

namespace sealring::fuzz {
namespace {

using namespace agent;

bool is_time(std::int64_t time) {
  return time >= 0 && time <= revocation::kEndOfTime;
}

void read_as_datagram(Bytes input) {
  const auto told = read_datagram(input);
  if (!told) return;
  check(input.size() <= kMaxDatagramSize, "a datagram has a bound");
  check(!told->list.empty(), "it names a list");
  check(told->name.size() <= revocation::kMaxNameSize, "its name fits into a list");
  check(is_time(told->entry.revoked_at) && is_time(told->entry.until), "its times fit into a list");
}

void read_as_request(Bytes input) {
  const auto request = read_request(input);
  if (!request) {
    check(!request.error().empty(), "a refusal has a reason");
    return;
  }
  const std::string line = write_request(*request);
  check(line.find('\n') == line.size() - 1, "a request is a line");
  if (line.size() > kMaxRequestSize) return;
  const auto again = read_request(as_bytes(std::string_view(line).substr(0, line.size() - 1)));
  check(again && write_request(*again) == line, "what is written is read");
}

void read_of_store(std::string_view input) {
  if (const auto entries = read_entries(input)) {
    check(entries->size() <= kMaxEntriesInItem, "an item has a bound");
    check(entry_bytes(*entries) == input, "entries are written as they are read");
  }
  if (const auto names = read_names(input)) {
    check(names->size() <= revocation::kMaxNames, "names have a bound");
    check(std::ranges::all_of(*names, is_name), "each fits into a list");
    check(name_bytes(*names) == input, "names are written as they are read");
  }
  const std::size_t split = std::min(input.find(' '), input.size());
  const auto entry =
      read_member(input.substr(0, split), input.substr(std::min(split + 1, input.size())));
  if (entry) {
    check(is_time(entry->revoked_at) && is_time(entry->until), "its times fit into a list");
    check(member_of(*entry) == input.substr(0, split), "a member is written as it is read");
  }
}

void read_as_ring(Bytes input) {
  const auto payload = read_ring_payload(input);
  if (!payload) return;
  check(payload->generation != 0 && payload->generation <= kMaxRingGeneration, "its generation");
  check(is_ring_name(payload->name), "its name is one of a ring");
  check(payload->name.size() + payload->text.size() + 9 == input.size(), "all of it is read");
}

// The input as the names of fields, a line each.
void plan_as_fields(std::string_view input) {
  std::vector<std::string> fields;
  while (!input.empty()) {
    const std::string_view line = input.substr(0, input.find('\n'));
    fields.emplace_back(line);
    input.remove_prefix(std::min(line.size() + 1, input.size()));
  }
  const RingPlan plan = plan_for_ring(fields, 7, {{"9", "it was refused"}});
  check(!plan.fetch || (*plan.fetch != "9" && *plan.fetch != "7"), "only what is newer is fetched");
  for (const std::string& field : plan.remove) {
    check(field.size() == 1 && field >= "1" && field <= "6", "only what is older is removed");
  }
}

void read_address(const std::string& input) {
  if (const auto listen = read_listen_address(input)) {
    check(listen->path.empty() ? listen->port != 0 : listen->path.starts_with('/'),
          "an address to listen at says where");
  }
  const auto address = read_store_address(input);
  if (!address) return;
  const auto again = read_store_address(address->text());
  check(again && again->text() == address->text(), "an address is written as it is read");
}

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sealring::Bytes input(data, size);
  sealring::fuzz::read_as_datagram(input);
  sealring::fuzz::read_as_request(input);
  sealring::fuzz::read_of_store(sealring::as_text(input));
  sealring::fuzz::read_as_ring(input);
  sealring::fuzz::plan_as_fields(sealring::as_text(input));
  sealring::fuzz::read_address(std::string(sealring::as_text(input)));
  return 0;
}
