// SPDX-License-Identifier: Apache-2.0
// What an agent reads from servers and from clients of its control socket.
#include "agent/control.h"
#include "agent/datagram.h"
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

}  // namespace
}  // namespace sealring::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const sealring::Bytes input(data, size);
  sealring::fuzz::read_as_datagram(input);
  sealring::fuzz::read_as_request(input);
  return 0;
}
